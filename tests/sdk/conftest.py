"""The servers that the SDK suites share, one for HTTP and one for TLS. Each suite has its own account."""
import pytest
import suite


@pytest.fixture(scope="session", params=suite.SCHEMES)
def sdk_virga(request):
    at_once = ("createinstance", "createaccount", "createdb", "grant", "restore", "clone")
    durations = [word for kind in at_once for word in ("--flow-seconds", f"{kind}=0")]
    with suite.Served(request.param, "--flow-seconds", "backup=1", *durations, world=suite.world()) as virga:
        yield virga
