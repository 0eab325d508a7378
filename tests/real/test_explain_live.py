"""What real clients print at the lab's servers, produced live, is explained by the cause that the lab made.

Each text is explained as a person would ask: with the port that such a server has in life, and the client's mode.
Where the client's words are the same for other causes too, `ALIKE` says which these are and why.
"""

import smtplib
import ssl
import traceback
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from real_tools import are_here
from test_real_clients import CLIENTS, HANG_S, PATIENCE_S, Call

import smtplab
from smtplab import Cause, Mode
from smtplab.messages import explain

pytestmark = pytest.mark.timeout(400)  # the first test waits for all runs

IMPLICIT, STARTTLS, PLAIN = "implicit", "starttls", "plain"
NO_NAME = "name.invalid"  # never exists (RFC 6761)
WRONG, RIGHT = ("alice", "Tr0ub4dor of the tests", "PLAIN"), ("alice", "wonderland", "PLAIN")
CERTIFICATES = {"self-signed": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, "unknown-ca": Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                "wrong-name": Cause.CERT_HOSTNAME, "expired": Cause.CERT_EXPIRED}
EARLY = {"refused": Cause.REFUSED, "filtered": Cause.FILTERED_TIMEOUT, "closes": Cause.CLOSED_BEFORE_GREETING,
         "resets": Cause.CLOSED_BEFORE_GREETING, NO_NAME: Cause.DNS}
WAITS = {**EARLY, "implicit": Cause.PLAINTEXT_TO_IMPLICIT, "silent": Cause.PLAINTEXT_TO_IMPLICIT,
         "not-smtp": Cause.SERVER_NOT_SMTP}
# mode -> kind of server -> the cause that it makes; "... starttls" is a certificate kind's twin.
TABLE = {
    IMPLICIT: {**EARLY, **CERTIFICATES, "starttls": Cause.IMPLICIT_TO_PLAINTEXT, "plain": Cause.IMPLICIT_TO_PLAINTEXT,
               "http": Cause.IMPLICIT_TO_PLAINTEXT, "not-smtp": Cause.IMPLICIT_TO_PLAINTEXT, "silent": Cause.OTHER,
               "old-tls": Cause.TLS_VERSION_OR_CIPHER},
    STARTTLS: {**WAITS, **{f"{kind} starttls": cause for kind, cause in CERTIFICATES.items()},
               "starttls-stripped": Cause.STARTTLS_NOT_OFFERED, "starttls-stalls": Cause.HANDSHAKE_STALLED,
               "starttls-refused": Cause.TEMPORARILY_UNAVAILABLE,
               "auth-required": Cause.AUTH_REQUIRED,
               "old-tls starttls": Cause.TLS_VERSION_OR_CIPHER},
    PLAIN: {**WAITS, "starttls-required": Cause.STARTTLS_REQUIRED}}
PORTS = {"implicit": 465, "old-tls": 465, **dict.fromkeys(CERTIFICATES, 465)}  # of such a server in life; else 587
# With a login: (mode, kind of server, login) -> cause.
LOGINS = {(IMPLICIT, "implicit", WRONG): Cause.AUTH_REJECTED, (STARTTLS, "starttls", WRONG): Cause.AUTH_REJECTED,
          (PLAIN, "starttls", RIGHT): Cause.AUTH_NEEDS_TLS}


def python(mode: str):
    """smtplib; its traceback is what a person pastes."""
    def run(call: Call) -> str:
        context = ssl.create_default_context(cafile=call.server.ca_file)
        connect = {"local_hostname": "client.example.com", "timeout": call.seconds}
        try:
            with (smtplib.SMTP_SSL(*call.server.address, context=context, **connect) if mode == IMPLICIT else
                  smtplib.SMTP(*call.server.address, **connect)) as smtp:
                if mode == STARTTLS:
                    smtp.starttls(context=context)
                if call.login:
                    smtp.login(*call.login[:2])
                smtp.sendmail("a@example.com", ["b@example.com"], "Subject: x\r\n\r\nx\r\n")
        except (OSError, smtplib.SMTPException):
            return traceback.format_exc()
        return ""

    return run


MODES = {name: client.mode.value for name, client in CLIENTS.items()
         if client.mode is not Mode.STARTTLS_OPPORTUNISTIC and not name.startswith("SMTP")}
MODES |= {f"python {mode}": mode for mode in TABLE}
# Nothing is printed before the time-out, which is not even its own.
SAYS_NOTHING = {(client, kind) for client in ("s_client", "s_client -starttls")
                for kind in ("filtered", "silent", "implicit", "starttls-stalls")} | {
                    ("swaks --tlsc", "silent"), ("swaks --tls", "starttls-stalls"),
                    ("s_client -starttls", "auth-required")}
CHECKS_NOTHING = ("s_client", "s_client -starttls", "swaks --tls", "swaks --tlsc")  # no certificate, that is
# curl goes on without AUTH where none is offered; s_client knows no AUTH.
LOGS_IN = [client for client in MODES if client not in ("curl", "s_client", "s_client -starttls")]
WAITING = [client for client, mode in MODES.items() if mode != IMPLICIT]
# What else the same words may mean.
ALIKE = {
    # On a port that is no implicit one, a path that holds the data back is as silent as a server that says nothing.
    **{(client, "silent"): {Cause.FILTERED_TIMEOUT} for client in WAITING if client != "s_client -starttls"},
    # EOFError is also all that it says of a server that hangs up on a policy, as smtp-relay.gmail.com does.
    ("ruby", "closes"): {Cause.RELAY_OR_POLICY}, ("ruby enable_starttls", "closes"): {Cause.RELAY_OR_POLICY},
    # It waits for an SMTP reply, and does not show what came instead.
    **{(client, "not-smtp"): {Cause.PLAINTEXT_TO_IMPLICIT, Cause.FILTERED_TIMEOUT}
       for client in ("curl", "curl --ssl-reqd", "swaks", "swaks --tls")},
    # It begins TLS whatever was replied, and does not show the reply.
    ("s_client -starttls", "not-smtp"): {Cause.STARTTLS_NOT_OFFERED},
    ("s_client -starttls", "starttls-refused"): {Cause.STARTTLS_NOT_OFFERED, Cause.TLS_VERSION_OR_CIPHER},
    # A reset that comes before connect() returns is worded as a failure to connect.
    **{(client, "resets"): {Cause.REFUSED} for client in ("curl", "curl --ssl-reqd", "curl smtps")},
    # It says how long it waited, and not at which step.
    ("curl --ssl-reqd", "starttls-stalls"): {Cause.FILTERED_TIMEOUT},
    # One time-out for connecting and for TLS, in the same words.
    ("curl smtps", "silent"): {Cause.FILTERED_TIMEOUT}, ("ruby enable_tls", "silent"): {Cause.FILTERED_TIMEOUT}}


class Case(NamedTuple):
    """A client in its mode against a kind of server, with or without a login (user, password, mechanism)."""

    client: str
    kind: str
    login: tuple[str, str, str] | None = None

    @property
    def mode(self) -> str:
        """The client's."""
        return MODES[self.client]

    @property
    def port(self) -> int:
        """Of such a server in life."""
        return PORTS.get(self.kind, 587)

    @property
    def causes(self) -> set[Cause]:
        """What was made, and what the client says in the same words."""
        if self.login:
            return {LOGINS[self.mode, self.kind, self.login]}
        return {TABLE[self.mode][self.kind], *ALIKE.get((self.client, self.kind), ())}

    @property
    def needs(self) -> tuple[str, ...]:
        """See real_tools."""
        return CLIENTS[self.client].needs if self.client in CLIENTS else ()


def cases() -> list[Case]:
    """Every client against every kind of its mode at which it fails and says something."""
    found = [Case(client, kind) for client, mode in MODES.items() for kind in TABLE[mode]
             if (client, kind) not in SAYS_NOTHING
             and not (client in CHECKS_NOTHING and kind.removesuffix(" starttls") in CERTIFICATES)]
    return found + [Case(client, kind, login) for client in LOGS_IN for mode, kind, login in LOGINS
                    if mode == MODES[client]]


CASES = cases()
# One of each program, and of each sort of cause; the rest of the table is slow.
EVERY_DAY = [Case("s_client", "starttls"), Case("curl smtps", "starttls"), Case("curl smtps", "expired"),
             Case("swaks --tlsc", "starttls"), Case("ruby enable_tls", "starttls"), Case("python implicit", "starttls"),
             Case("python starttls", "starttls-stripped"), Case("python implicit", "implicit", WRONG),
             Case("curl", "implicit")]


def text_of(case: Case, home: str) -> str:
    """All that the client prints at a server of its own."""
    run = (lambda call: CLIENTS[case.client].run(call).text) if case.client in CLIENTS else python(case.mode)
    if case.kind == NO_NAME:
        return run(Call(SimpleNamespace(address=(NO_NAME, 587), kind=NO_NAME, ca_file=None), home))
    kind, _, twin = case.kind.partition(" ")
    hangs = kind in ("filtered", "silent", "not-smtp", "starttls-stalls") or (
        case.mode != IMPLICIT and kind == "implicit")
    with smtplab.serve(kind, starttls=bool(twin)) as server:
        return run(Call(server, home, HANG_S if hangs else PATIENCE_S, login=case.login))


@pytest.fixture(scope="module")
def texts(request, tmp_path_factory):
    """The texts of all collected cases whose client is here; most of the time they wait."""
    home = str(tmp_path_factory.mktemp("home"))
    asked = {item.callspec.params["case"] for item in request.session.items
             if item.module is request.module and "texts" in item.fixturenames}
    here = [case for case in CASES if case in asked and are_here(*case.needs)]
    # The first server makes the lab's authority, which the others share.
    with smtplab.serve("implicit"), ThreadPoolExecutor(24) as executor:
        return {case: executor.submit(text_of, case, home) for case in here}


def test_the_table_is_of_the_cases():
    """An exception for what is not tested would hide nothing, and mislead."""
    assert set(ALIKE) <= {(case.client, case.kind) for case in CASES}
    assert set(EVERY_DAY) <= set(CASES)
    assert {(case.mode, kind) for case in CASES for kind in (case.kind,) if not case.login} == {
        (mode, kind) for mode, row in TABLE.items() for kind in row}


@pytest.mark.parametrize("case", [
    pytest.param(case, id=" - ".join((case.client, case.kind, *["login"] * bool(case.login))),
                 marks=[pytest.mark.real(*case.needs), *[pytest.mark.slow] * (case not in EVERY_DAY)])
    for case in CASES])
def test_what_real_clients_say_is_explained(case, texts):
    text = texts[case].result()
    assert text.strip()
    found = explain(text, port=case.port, mode=case.mode)
    assert found[0].cause in case.causes, f"{[(one.cause.value, one.likelihood) for one in found]}\n{text}"
