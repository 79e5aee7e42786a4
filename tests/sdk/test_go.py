"""The SDK for Go works against virga unmodified: the typed client of 2021 and today's core, which are two modules."""
import pytest
import suite

GO = suite.HERE / "go"
METHODS = ["create.tc3_post", "create.tc3_get", "create.unsigned", "create.sha1_post", "create.sha1_get",
           "create.sha256_post", "create.sha256_get"]
COMMON = ["flow.done", "not_found.default", "not_found.en", "not_found.zh", "signature.en", "signature.zh", "signature.v1",
          "limit.refused"]
TYPED = METHODS + ["databases.remark", "instance"] + COMMON
CORE = METHODS + ["create.gateway", "create.common", "databases.settings"] + COMMON + ["limit.retried"]


def run(virga, module, name):
    suite.need("go")

    def make(directory):
        # Without version control, since a checkout of another owner would stop the build.
        suite.execute(["go", "build", "-buildvcs=false", "-o", str(directory / "client"), "."], GO / module)

    sources = [p for folder in (module, "steps") for p in (GO / folder).iterdir()]
    directory = suite.build(f"go-{module}", sources, ["go", "version"], make)
    return suite.run(virga, name, [str(directory / "client")], ca_variable="SSL_CERT_FILE")


@pytest.fixture(scope="module")
def typed(sdk_virga):
    return run(sdk_virga, "typed", "gotyped")


@pytest.fixture(scope="module")
def core(sdk_virga):
    return run(sdk_virga, "core", "gocore")


@pytest.mark.parametrize("step", TYPED)
def test_typed(typed, step):
    suite.check(typed, step, default_language="zh")


@pytest.mark.parametrize("step", CORE)
def test_core(core, step):
    suite.check(core, step, default_language="zh")


def test_every_step_is_checked(typed, core):
    assert (set(typed), set(core)) == ({None, *TYPED}, {None, *CORE})
