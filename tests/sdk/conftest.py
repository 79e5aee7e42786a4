"""The server that the SDK suites share: one start, an account for each suite."""
import pytest
import suite
from harness import Virga


@pytest.fixture(scope="session")
def sdk_virga():
    with Virga("--flow-seconds", "backup=1", world=suite.world()) as virga:
        yield virga
