"""The same without pytest: python -m unittest."""
import unittest

import nightly
import virga
from tencentcloud.sqlserver.v20180328 import sqlserver_client


class BackupTest(unittest.TestCase):
    server: virga.Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = virga.start("--flow-seconds", "backup=0")
        cls.addClassCleanup(cls.server.stop)

    def test_a_rate_limit_is_retried(self) -> None:
        account = self.server.new_account()
        account.faults.add("CreateBackup", code="RequestLimitExceeded", count=1)
        nightly.backup(account.client(sqlserver_client.SqlserverClient), account.instance_id, sleep=self.server.clock.advance)
        account.verify("CreateBackup", times=2)


if __name__ == "__main__":
    unittest.main()
