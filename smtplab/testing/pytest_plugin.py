"""The pytest plugin: the fixture `smtplab_server` and the mark `smtplab`, for tests of an app that sends mail.

pytest loads this module in every run of whoever has smtplab installed, so it brings nothing of smtplab along; the
fixture does, where a test asks for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Literal, get_args

import pytest

if TYPE_CHECKING:
    from ..causes import Cause
    from ..events import Mode
    from ..literals import KindName, ModeName
    from ..trace import Trace
    from . import AppServer, Config, Expectation, Survey

FIXTURE, MARK = "smtplab_server", "smtplab"


class AppServers(contextlib.ExitStack):
    """The fixture: call it with a kind of server, and a mode, for an `AppServer` that ends with the test.

    What an `AppServer` has, it has too: that of the one in the test's mark, or of the one made last."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[AppServer] = []

    def __call__(self, kind: KindName, mode: Mode | ModeName | None = None, **options: Any) -> AppServer:
        """Start a server of this kind, fit for a client in this mode; other options are those of `smtplab.serve`."""
        from . import AppServer
        self.made.append(self.enter_context(AppServer(kind, mode, **options)))
        return self.made[-1]

    @property
    def last(self) -> AppServer:
        """The one in the mark, or the one made last. Raises pytest.UsageError if there is none."""
        if not self.made:
            raise pytest.UsageError(f'no server yet: mark the test, as by @pytest.mark.{MARK}("expired", '
                                    f'mode="starttls"), or call {FIXTURE}("expired", mode="starttls")')
        return self.made[-1]

    @property
    def config(self) -> Config:
        """Host, port, ca_file, user and password, as an app takes them."""
        return self.last.config

    def traces(self) -> list[Trace]:
        """The server's side of every visit."""
        return self.last.traces()

    def expect(self, cause: Cause | str | None = None, *, within_s: float = 10.0,
               in_clear: bool = False) -> Expectation:
        """As `AppServer.expect`."""
        return self.last.expect(cause, within_s=within_s, in_clear=in_clear)

    def check(self, send: Callable[[Config], object], mode: Mode | Literal["starttls", "implicit"], *,
              kinds: tuple[KindName, ...] | None = None, within_s: float = 10.0) -> Survey:
        """As `smtplab.testing.check`; raises `ExpectationFailed` unless the app survived all."""
        __tracebackhide__ = True
        from . import ExpectationFailed, check
        survey = check(send, mode, kinds=kinds, within_s=within_s)
        if not survey.ok:
            raise ExpectationFailed(str(survey))
        return survey


_MADE = pytest.StashKey[AppServers]()


@pytest.fixture(name=FIXTURE)
def _servers(request: pytest.FixtureRequest) -> Iterator[AppServers]:
    """Lab mail servers to test an app against: see `smtplab.testing`."""
    mark = request.node.get_closest_marker(MARK)
    with AppServers() as servers:
        request.node.stash[_MADE] = servers
        if mark:
            servers(getattr(request, "param", None) or mark.args[0], **mark.kwargs)
        yield servers


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark, for --strict-markers."""
    config.addinivalue_line("markers", f"{MARK}(kind, ..., mode=None): the server, or servers in turn, of the fixture "
                                       f"{FIXTURE}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that is marked with several kinds runs once with each."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark is None or FIXTURE not in metafunc.fixturenames:
        return
    from ..literals import KindName
    kinds = get_args(KindName)
    if wrong := set(mark.args or [""]) - set(kinds):
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: the mark {MARK} wants kinds of servers, and "
                                f"{wrong.pop()!r} is none; the kinds are {', '.join(kinds)}")
    if len(mark.args) > 1:
        metafunc.parametrize(FIXTURE, mark.args, indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]
                              ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the servers saw, unless it says so itself."""
    report = yield
    servers = item.stash.get(_MADE, None)
    if servers and report.when == "call" and report.failed and call.excinfo:
        from . import ExpectationFailed
        if not call.excinfo.errisinstance(ExpectationFailed):
            report.sections += [(f"what {server} saw", str(trace)) for server in servers.made
                                for trace in server.traces()]
    return report
