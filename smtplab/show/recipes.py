"""Commands and settings, ready to paste, that point a client at a relay although it checks the server's name."""

from __future__ import annotations

import ipaddress
import shlex

from ..address import name_address


def recipes(address: tuple[str, int], upstream: tuple[str, int]) -> list[str]:
    """Lines of text that say how clients connect to `address`, the relay, and still ask for the name in `upstream`.

    If `upstream` holds an IP address, the lines say NAME, for the name in the client's settings.
    """
    (here, port), (name, its_port) = address, upstream
    name = "NAME" if _is_address(name) else name
    here = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(here, here)
    at, there, name_ = name_address((here, port)), f"{name}:{its_port}", shlex.quote(name)
    implicit = its_port == 465
    scheme, tls = ("smtps", "") if implicit else ("smtp", " --ssl-reqd")
    starttls, swaks = ("", "--tlsc") if implicit else (" -starttls smtp", "--tls")
    led = shlex.quote(f"{there}:[{here}]:{port}" if ":" in here else f"{there}:{here}:{port}")
    return [
        f"Point the client at {at}. One that checks certificates must still ask for "
        + (f"{name}:" if name != "NAME" else "the server's NAME:"),
        f"  curl     curl --connect-to {led} {scheme}://{shlex.quote(there)}{tls} ...",
        f"  openssl  openssl s_client -connect {at} -servername {name_} -verify_hostname {name_}{starttls}",
        f"  swaks    swaks --server {here} --port {port} {swaks} --tls-sni {name_} ...",
        f'  Ruby     Net::SMTP.start("{here}", {port}, {"tls: true, " * implicit}tls_hostname: "{name}") ...',
        f"  msmtp    host {here}, port {port}, tls_host_override {name}",
        f'  Node     {{ host: "{here}", port: {port}, tls: {{ servername: "{name}" }} }}',
        f"  others   the line `{here} {name}` in the hosts file of the client's machine, and port {port};",
        "           the relay, if it runs there too, must then be given the server's address and not its name",
    ]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.split("%")[0])
        return True
    except ValueError:
        return False
