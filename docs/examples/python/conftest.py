from typing import Any

import pytest
import virga
from tencentcloud.sqlserver.v20180328 import sqlserver_client


@pytest.fixture
def client(virga_account: virga.Account) -> Any:
    """The SDK's client, for an account of this test alone."""
    return virga_account.client(sqlserver_client.SqlserverClient)
