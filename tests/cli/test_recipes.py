"""The shell scripts of docs/testing.md and docs/shared-server.md run as they are, but on a free port, in a folder of their own."""
import os
import re
import signal
import subprocess

import command
import harness
import pytest

# What each script prints, besides the exports.
PAGES = {
    "testing.md": [["no answer", '"FlowId":', "one backup"], ["FailedOperation.NotListed", "new in 2027", "fault 1 (undocumented code)"],
                   ['"TotalCount": 12,', '"BackupName": "october"']],
    "shared-server.md": [["running"], ["TENCENTCLOUD_DOMAIN=build-host:8328", "AKID", "stopped: process"]],
}
SCRIPTS = [(page, script, wanted) for page, all_wanted in PAGES.items()
           for script, wanted in zip(re.findall(r"```sh\n(.*?)```", (harness.ROOT / "docs" / page).read_text().partition("# Fuzzing")[0], re.S),
                                     all_wanted, strict=True)]


@pytest.mark.parametrize("page, script, wanted", SCRIPTS, ids=[f"{page}-{i}" for i, (page, _, _) in enumerate(SCRIPTS)])
def test_a_script_of_a_page(tmp_path, page, script, wanted):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "virga").symlink_to(harness.binary())
    env = command.clean_env(XDG_STATE_HOME=str(tmp_path / "state"), PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    try:
        done = subprocess.run(["sh"], input=script.replace("--port 8328", "--port 0"), cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
        assert [text for text in wanted if text not in done.stdout] == [] and done.returncode == 0, done
        assert "Sanitizer" not in done.stderr and not list((tmp_path / "state").rglob("endpoints.json")), done
    finally:
        for file in (tmp_path / "state").rglob("endpoints.json"):
            os.kill(int(re.search(r'"pid":(\d+)', file.read_text())[1]), signal.SIGKILL)
