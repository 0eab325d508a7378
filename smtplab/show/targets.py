"""Settings that make the common clients use a lab server, or the changes that make them use a relay, ready to paste.

How a mode is set stands in `smtplab.settings`; this module adds the lab's authority, its user, and the clients that
have no settings of their own. A line that begins with # or // is a comment in what is pasted.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
from base64 import b64encode
from typing import TYPE_CHECKING

from ..address import name_address
from ..lab import LAB_PASSWORD, LAB_USER
from ..lab.reach import reachable
from ..lab.server import KINDS
from ..settings.evaluate import fill
from ..settings.model import Given, SettingsMode
from ..settings.registry import framework

if TYPE_CHECKING:
    from ..lab.server import Server

HEADING = "point your client here"
IMPLICIT, REQUIRED, PLAIN = SettingsMode.IMPLICIT, SettingsMode.REQUIRED, SettingsMode.PLAIN
WORDS = {IMPLICIT: "implicit TLS", REQUIRED: "STARTTLS, required", PLAIN: "plain, without TLS"}
_MAIL = "--from a@example.com --to b@example.com"


def targets(kind: str, host: str, port: int, ca_file: str | None, *, tls: str | None = None) -> str:
    """Settings for a server of this kind at this address: a heading, then a block for each client.

    The mode is the one that fits the kind, or how `tls` begins there ("implicit" or "starttls"), as a kind may have a
    twin. Without a login if the kind offers none. Raises ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of server {kind!r}; the kinds are {', '.join(KINDS)}")
    row = KINDS[kind]
    mode = {"implicit": IMPLICIT, "starttls": REQUIRED}.get(tls or row.tls or "", PLAIN)
    if row.options.auth_in_clear:  # for a client that insists on STARTTLS: that is what these kinds put to the test
        mode = REQUIRED
    client = _Client(mode, reachable(host), port, ca_file if mode is not PLAIN else None,
                     row.tls is not None or row.options.auth_in_clear)
    says = f"user {LAB_USER}, password {LAB_PASSWORD}" if client.login else "no login"
    blocks = [f"# {kind}: {WORDS[mode]}, {name_address((client.host, port))}, {says}"]
    blocks += [f"{'//' if name == 'Nodemailer' else '#'} {name}\n{text}" for name, text in client.all()]
    return "\n\n".join(blocks)


def point_client_at(server: Server) -> str:
    """`targets` for a running lab server; print it."""
    return targets(server.kind, *server.address, server.ca_file, tls=server.tls)


class _Client:
    """A server as a client needs to know it, and one method for each client that writes this in the client's way."""

    def __init__(self, mode: SettingsMode, host: str, port: int, ca_file: str | None, login: bool) -> None:
        self.mode, self.host, self.port, self.ca_file, self.login = mode, host, port, ca_file, login
        self.at = name_address((host, port))

    def all(self) -> list[tuple[str, str]]:
        """(client, text) for every client; openssl only if there is TLS."""
        found = [("curl", self.curl()), ("swaks", self.swaks()), ("Ruby (net-smtp of Ruby 3.1 or newer)", self.ruby()),
                 ("Python", self.python()), ("Rails", self.rails()), ("Django", self.django()),
                 ("Nodemailer", self.nodemailer()), ("msmtp", self.msmtp())]
        if self.mode is not PLAIN:
            found.insert(1, ("openssl", self.openssl()))
        return found

    def form(self, name: str, host: str = "") -> str:
        """How the mode is set in that framework, in its newest version."""
        known = framework(name)
        given = Given(known, known.releases[-1], {}, self.port)
        return fill(known.forms(given)[self.mode], host or self.host, self.port)[0]

    def curl(self) -> str:
        words = [self.form("curl", self.at.rpartition(":")[0]), "-v"]
        words += ["--cacert", shlex.quote(self.ca_file)] if self.ca_file else []
        words += ["--user", f"{LAB_USER}:{LAB_PASSWORD}"] if self.login else []
        return " ".join(words)

    def openssl(self) -> str:
        words = ["openssl s_client -connect", self.at, *["-starttls smtp"] * (self.mode is REQUIRED)]
        words += ["-CAfile", shlex.quote(self.ca_file)] if self.ca_file else []
        words += ["-verify_return_error", "-verify_ip" if _is_address(self.host) else "-verify_hostname", self.host]
        line = " ".join([*words, "-crlf -ign_eof"])
        secret = b64encode(f"\0{LAB_USER}\0{LAB_PASSWORD}".encode()).decode()
        return line + f"\n# then type EHLO me, and AUTH PLAIN {secret}" * self.login

    def swaks(self) -> str:
        words = [self.form("swaks")]
        words += ["--tls-verify --tls-ca-path", shlex.quote(self.ca_file)] if self.ca_file else []
        words += [f"--auth PLAIN --auth-user {LAB_USER} --auth-password {LAB_PASSWORD}"] * self.login
        return " ".join([*words, _MAIL])

    def ruby(self) -> str:
        mode = {IMPLICIT: "tls: true", REQUIRED: "starttls: :always", PLAIN: "starttls: false"}[self.mode]
        words = [_quoted(self.host), str(self.port), mode]
        words += [f"ssl_context_params: {{ ca_file: {_quoted(self.ca_file)} }}"] if self.ca_file else []
        words += [f'user: "{LAB_USER}", secret: "{LAB_PASSWORD}", authtype: :plain'] * self.login
        return f'require "net/smtp"\nNet::SMTP.start({", ".join(words)}) {{ puts "ok" }}'

    def python(self) -> str:
        lines = ["import smtplib, ssl", self.form("smtplib")]
        if self.ca_file:
            lines[1] = lines[1].replace("context()", f"context(cafile={_quoted(self.ca_file)})")
        lines.append(f'print(server.login("{LAB_USER}", "{LAB_PASSWORD}"))' if self.login else "print(server.ehlo())")
        return "\n".join([*lines, "server.quit()"])

    def rails(self) -> str:
        lines = [self.form("rails-mail").removesuffix("\n}")]
        lines += [f'  user_name: "{LAB_USER}", password: "{LAB_PASSWORD}", authentication: :plain'] * self.login
        lines += [f'  openssl_verify_mode: "peer", ca_file: {_quoted(self.ca_file)}'] if self.ca_file else []
        return ",\n".join(lines) + "\n}"

    def django(self) -> str:
        lines = [self.form("django")]
        lines += [f'EMAIL_HOST_USER = "{LAB_USER}"\nEMAIL_HOST_PASSWORD = "{LAB_PASSWORD}"'] * self.login
        lines += [f"# and in its environment: SSL_CERT_FILE={shlex.quote(self.ca_file)}"] if self.ca_file else []
        return "\n".join(lines)

    def nodemailer(self) -> str:
        words = [self.form("nodemailer").removesuffix(" })")]
        words += [f'auth: {{ user: "{LAB_USER}", pass: "{LAB_PASSWORD}" }}'] * self.login
        words += [f'tls: {{ ca: require("fs").readFileSync({_quoted(self.ca_file)}) }}'] if self.ca_file else []
        return ", ".join(words) + " })"

    def msmtp(self) -> str:
        lines = [self.form("msmtp"), "from a@example.com"]
        lines += [f"user {LAB_USER}\npassword {LAB_PASSWORD}"] * self.login
        if not self.login:
            lines[0] = lines[0].replace("auth on", "auth off")
        lines += [f'tls_trust_file "{self.ca_file}"'] if self.ca_file else []
        return "\n".join(lines)


def recipes(address: tuple[str, int], upstream: tuple[str, int]) -> list[str]:
    """Lines that tell how a client connects to a relay at `address` and still asks for the name in `upstream`.

    If `upstream` has no name but an address, NAME stands for whatever name the client's settings have.
    """
    (here, port), (name, its_port) = address, upstream
    name = "NAME" if _is_address(name) else name
    here = reachable(here)
    at, there, name_ = name_address((here, port)), f"{name}:{its_port}", shlex.quote(name)
    implicit = its_port == 465
    scheme, tls = ("smtps", "") if implicit else ("smtp", " --ssl-reqd")
    starttls, swaks = ("", "--tlsc") if implicit else (" -starttls smtp", "--tls")
    led = shlex.quote(f"{there}:[{here}]:{port}" if ":" in here else f"{there}:{here}:{port}")
    return [
        f"Point the client at {at}. One that checks certificates must still ask for "
        + (f"{name}:" if name != "NAME" else "the server's NAME:"),
        f"  curl     curl --connect-to {led} {scheme}://{shlex.quote(there)}{tls} ...",
        f"  openssl  openssl s_client -crlf -connect {at} -servername {name_} -verify_hostname {name_}{starttls}",
        f"  swaks    swaks --server {here} --port {port} {swaks} --tls-sni {name_} ...",
        f'  Ruby     Net::SMTP.start("{here}", {port}, {"tls: true, " * implicit}tls_hostname: "{name}") ...',
        f"  msmtp    host {here}, port {port}, tls_host_override {name}",
        f'  Node     {{ host: "{here}", port: {port}, tls: {{ servername: "{name}" }} }}',
        f"  others   the line `{here} {name}` in the hosts file of the client's machine, and port {port};",
        "           the relay, if it runs there too, must then be given the server's address and not its name",
    ]


def _quoted(text: str) -> str:
    """A string literal that means the same in Ruby, Python and JavaScript."""
    return json.dumps(text, ensure_ascii=False).replace("#", r"\x23")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.split("%")[0])
        return True
    except ValueError:
        return False
