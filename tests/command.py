"""What the tests of subcommands share: the program run in a clean environment, with its exit code checked."""
import os
import subprocess

import harness

USAGE, NO_SERVER, REFUSED, NOT_SO, LOW_COVERAGE = 2, 9, 10, 11, 12


def clean_env(**more):
    """Nothing of ours, of the official clients or of the locale, and no state of the user's own."""
    own = ("VIRGA_", "TENCENTCLOUD_", "LC_", "LANG", "NO_COLOR", "PYTEST_")
    return {**{k: v for k, v in os.environ.items() if not k.startswith(own)}, "XDG_STATE_HOME": str(harness.IMPOSSIBLE), **more}


def run(*words, code=0, text=None, timeout=harness.ANSWER_SECONDS, **env):
    done = subprocess.run([harness.binary(), *words], input=text, capture_output=True, text=True, timeout=timeout, env=clean_env(**env))
    assert done.returncode == code, done
    assert "Sanitizer" not in done.stderr, done
    return done


def of(server):
    """`run`, led to this server."""
    return lambda *words, **more: run(*words, VIRGA_ENDPOINTS_FILE=str(server.endpoints_file), **more)
