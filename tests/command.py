"""Runs subcommands in a clean environment and checks their exit codes, for the tests of the command line."""
import os
import subprocess

import harness

USAGE, NO_SERVER, REFUSED, NOT_SO, LOW_COVERAGE = 2, 9, 10, 11, 12


def clean_env(**more):
    """The environment without the variables of virga, of the official clients and of the locale, and without the user's state folder."""
    own = ("VIRGA_", "TENCENTCLOUD_", "LC_", "LANG", "NO_COLOR", "PYTEST_")
    return {**{k: v for k, v in os.environ.items() if not k.startswith(own)}, "XDG_STATE_HOME": str(harness.IMPOSSIBLE), **more}


def run(*words, code=0, text=None, timeout=harness.ANSWER_SECONDS, **env):
    done = subprocess.run([harness.binary(), *words], input=text, capture_output=True, text=True, timeout=timeout, env=clean_env(**env))
    assert done.returncode == code, done
    assert "Sanitizer" not in done.stderr, done
    return done


def of(server):
    """`run` with this server."""
    return lambda *words, **more: run(*words, VIRGA_ENDPOINTS_FILE=str(server.endpoints_file), **more)
