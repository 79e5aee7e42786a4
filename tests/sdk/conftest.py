"""The server that the SDK suites share, over HTTP and over TLS: one start each, an account for each suite."""
import pytest
import suite


@pytest.fixture(scope="session", params=suite.SCHEMES)
def sdk_virga(request):
    with suite.Served(request.param, "--flow-seconds", "backup=1", world=suite.world()) as virga:
        yield virga
