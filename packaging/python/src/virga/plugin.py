"""The pytest plugin: fixtures, a marker, a section in the report of a failed test, and coverage of error codes.

Each process of pytest has a server of its own, so tests may run in parallel (pytest-xdist). It starts with the first
test that needs it.
"""
import pathlib
from typing import Any, Dict, Generator, Iterator, List, Optional

import pytest

from virga.account import Account
from virga.calls import Call, CallScope
from virga.clock import Clock
from virga.control import ControlError
from virga.coverage import Coverage
from virga.server import Server, attach, start

SHOWN_CALLS = 20  # in the report of a failed test, the newest ones
FROM_WORKER = "virga_coverage"


class Servers:
    """The servers of this process, one for each world file, and the coverage of all tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._servers: Dict[Optional[pathlib.Path], Server] = {}
        self.coverage = Coverage()

    def get(self, world: Optional[pathlib.Path]) -> Server:
        """Returns the server with this world file, or the one without; starts it when a test needs it first."""
        if world not in self._servers:
            self._servers[world] = self._new(world)
        return self._servers[world]

    def _new(self, world: Optional[pathlib.Path]) -> Server:
        endpoint = self._config.getoption("virga_endpoint")
        if not endpoint:
            return start(*self._config.getini("virga_options"), world=world)
        if world:
            raise pytest.UsageError("virga_world needs a server of its own; --virga-endpoint names one that runs already")
        return attach(endpoint)

    def release(self, server: Server) -> None:
        """Resets a server after a test. A shared server stays as it is."""
        if not server.is_shared:
            self.coverage.add(server.coverage())
            server.reset()

    def pytest_sessionfinish(self) -> None:
        for server in self._servers.values():
            self.release(server)  # also calls outside of tests count
            server.stop()
        self._servers.clear()
        if hasattr(self._config, "workeroutput"):  # a process of pytest-xdist
            self._config.workeroutput[FROM_WORKER] = self.coverage.actions

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes the coverage from a process of pytest-xdist that ends; one that crashed gives none."""
        self.coverage.merge(getattr(node, "workeroutput", {}).get(FROM_WORKER, {}))

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:  # pytest 8 gave it this name
        if self.coverage.actions and self._config.getoption("virga_coverage"):
            terminalreporter.section("virga: coverage of error codes")
            for line in self.coverage.lines():
                terminalreporter.line(line)
        if self.coverage.actions:
            terminalreporter.line(f"virga: {len(self.coverage.actions)} actions called, {self.coverage.percent:.0f} % of "
                                  "their documented outcomes returned")


SERVERS = pytest.StashKey[Servers]()
SCOPE = pytest.StashKey[CallScope]()  # whose calls are those of the test


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("virga", "virga, an emulator of Tencent Cloud's SQL Server API")
    group.addoption("--virga-coverage", dest="virga_coverage", action="store_true",
                    help="list for each called action which documented error codes it returned")
    group.addoption("--virga-endpoint", dest="virga_endpoint", metavar="URL",
                    help="use the server that runs at this address, and leave its state as it is")
    parser.addini("virga_options", "options of `virga serve` for the servers of the tests", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "virga_world(file): the server of this test has this world file; a relative path "
                                       "begins at the folder of the test")
    config.stash[SERVERS] = Servers(config)
    config.pluginmanager.register(config.stash[SERVERS], "virga-servers")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    report: pytest.TestReport = (yield).get_result()
    scope = item.stash.get(SCOPE, None)
    if report.failed and scope and report.when != "teardown":  # then the calls are gone
        report.sections.append(("virga: the calls of this test", describe_calls(scope) or "none"))


def describe_calls(scope: CallScope) -> str:
    try:
        return "\n".join(line for call in scope.requests(limit=SHOWN_CALLS) for line in describe(scope, call))
    except (ControlError, OSError) as error:  # the test may have stopped the server
        return f"the server does not answer: {error}"


def describe(scope: CallScope, call: Call) -> List[str]:
    """Returns a line for the call and, when it was rejected, lines that explain why."""
    ended = call.code or f"HTTP {call.http_status}"
    if call.http_status == 0:
        ended = f"{call.code}, but the connection was closed" if call.code else "the connection was closed"
    lines = [f"{call.action} {ended}{': ' if call.message else ''}{call.message} [{call.request_id}]"]
    if call.injected:
        return [*lines, f"    injected by {call.injected}"]
    if call.code == "ok":
        return lines
    why = scope.why(call)
    rows = [("why", why["why_text"]), ("step", why["failed_step"]), ("parameter", why["parameter"])]
    rows += [(ground["about"], f"{ground['what']} ({ground['provenance']})") for ground in why["grounds"]
             if ground["about"] in ("rule", "cause")]
    return lines + [f"    {name:9} {text}" for name, text in rows if text]


def world_of(node: pytest.Item) -> Optional[pathlib.Path]:
    """The world file that the marker of a test names."""
    marker = node.get_closest_marker("virga_world")
    return node.path.parent.joinpath(*marker.args) if marker else None


@pytest.fixture(scope="session")
def virga_server(pytestconfig: pytest.Config) -> Server:
    """The server of this process, for fixtures of a wider scope than a test. A test that uses `virga` resets it."""
    return pytestconfig.stash[SERVERS].get(None)


@pytest.fixture
def virga(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server for this test: as at its start, without calls, fault rules or test accounts, its clock not moved."""
    servers = request.config.stash[SERVERS]
    server = servers.get(world_of(request.node))
    if not server.is_shared:
        request.node.stash[SCOPE] = server
    yield server
    servers.release(server)


@pytest.fixture
def virga_account(virga: Server, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account for this test alone, with a region and instances: a copy of the first account of the world."""
    account = virga.new_account()
    request.node.stash.setdefault(SCOPE, account)
    yield account
    if virga.is_shared:
        request.config.stash[SERVERS].coverage.add(account.coverage())
    account.remove()


@pytest.fixture
def virga_clock(virga: Server) -> Clock:
    """The service's clock. After the test it shows the time that it would show without it."""
    return virga.clock
