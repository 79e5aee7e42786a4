"""The servers that the SDK suites share, one for HTTP and one for TLS. Each suite has its own account."""
import pytest
import suite


@pytest.fixture(scope="session", params=suite.SCHEMES)
def sdk_virga(request):
    with suite.Served(request.param, "--flow-seconds", "backup=1", world=suite.world()) as virga:
        yield virga
