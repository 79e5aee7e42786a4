"""The SDK for Node.js works against virga unmodified, although it signs the host without the port."""
import shutil

import pytest
import suite

NODE = suite.HERE / "node"
FILES = [NODE / name for name in ("package.json", "package-lock.json", "main.js", "instance.js")]
STEPS = ["create.tc3_post", "create.tc3_get", "create.sha1_post", "create.sha1_get", "create.sha256_post",
         "create.sha256_get", "create.localhost", "flow.done", "instance", "not_found.default", "not_found.en", "not_found.zh",
         "signature.en", "signature.zh", "signature.v1", "limit.refused"]


def make(directory):
    for file in FILES:
        shutil.copy(file, directory)
    suite.execute(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"], directory)


@pytest.fixture(scope="module")
def printed(sdk_virga):
    suite.need("node", "npm")
    directory = suite.build("node", FILES, ["node", "--version"], make)
    return suite.run(sdk_virga, "nodejs", ["node", str(directory / "main.js")], ca_variable="NODE_EXTRA_CA_CERTS")


@pytest.mark.parametrize("step", STEPS)
def test_node(printed, step):
    suite.check(printed, step, default_language="en")


def test_every_step_is_checked(printed):
    assert set(printed) == {None, *STEPS}
