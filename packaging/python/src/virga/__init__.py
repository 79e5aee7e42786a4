"""Runs virga, an emulator of Tencent Cloud's SQL Server API, and asks it what was called.

    with virga.start() as server:
        account = server.new_account()
        client = account.client(sqlserver_client.SqlserverClient)
        account.faults.add("CreateBackup", code="InternalError", count=1)
        ...
        account.verify("CreateBackup", code="ok", times=1)

With pytest, the fixtures of `virga.plugin` do the first two lines.
"""
from virga.account import Account
from virga.calls import Call, CallScope
from virga.clock import Clock
from virga.control import ControlError
from virga.faults import Fault, Faults
from virga.process import StartError, find_program
from virga.server import Server, attach, start

__all__ = ["Account", "Call", "CallScope", "Clock", "ControlError", "Fault", "Faults", "Server", "StartError", "attach",
           "find_program", "start"]
