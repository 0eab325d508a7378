"""Values that hold a variable: `${PORT:-587}`, `%env(MAILER_DSN)%`, `{{ .Values.port }}`, `smtp://${USER}@host:587`.

Each is a `Computed`, with what can be known of it: its default, or the scheme of a URL whose other parts vary.
"""

from __future__ import annotations

import re

from .paste import Computed, EnvironmentText

# A shell's, Spring's and Compose's ${X}; GitHub's ${{ x }}; Helm's and Jinja's {{ x }}; $(X) of Kubernetes and make;
# $x of PHP and shells; Ruby's #{x}; Symfony's %env(X)%; ERB's <%= x %>; configparser's %(x)s; @X@ of templates.
_PLACE = re.compile(r"""
    \$?\{\{.{0,200}?\}\} | \$\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}\} | \$\([^()\n]{1,200}\)
  | \$[A-Za-z_]\w*(?:->\w+)* | \#\{[^{}]{0,200}\} | %env\([^)\n]{1,200}\)% | <%=?.{0,200}?%> | %\(\w+\)s
  | @[A-Z][A-Z0-9_]+@""", re.VERBOSE)
_IN_BRACES = re.compile(r"\{[^{}]{0,200}\}")  # what varies in Python's f"..."
_DEFAULTED = re.compile(r"\$\{[\w.]+:?(?![?+])(?:(?<=:)|-)-?([^{}$]*)\}")  # ${PORT:587} in Spring, ${PORT:-587}
_PIPED = re.compile(r"""\bdefault[\s(]{1,9}["']?([\w:/+-][\w.:/+-]{0,80})""")  # {{ .port | default "587" }}
_URL = re.compile(r"\s*([A-Za-z][\w+.-]{0,20})://(.*)", re.DOTALL)
_WITH_PORT = re.compile(r".*[\w)}%>](:\d{1,5})\s*", re.DOTALL)
_PORT_WORD = r"[<\[{]?(?:\w{0,30}[_-])?port(?:[_-]\w{0,30})?[>\]}]?"
_PORT_IN_URL = re.compile(rf"(([A-Za-z][\w+.-]{{0,20}})://.*[\w.>]:){_PORT_WORD}([/?][^@]*)?", re.IGNORECASE)
_HOST = "smtp.example.com"  # in place of a host that varies
_PORTS = {"smtps": 465}  # in place of a port that varies, by scheme; 587 for all others


def has_variable(text: str) -> bool:
    """Whether a part of the text is a variable."""
    return _PLACE.search(text[:4000]) is not None


def is_variable(text: str) -> bool:
    """Whether the text is one variable and nothing else."""
    return _PLACE.fullmatch(text[:4000].strip()) is not None


def computed(text: str, braces: bool = False) -> Computed | None:
    """The value of a text with variables, or None if it has none. `braces`: it is a Python f-string."""
    place = _IN_BRACES if braces else _PLACE
    if len(text) > 4000 or not place.search(text):
        return None
    if place.fullmatch(text.strip()):
        default = _DEFAULTED.fullmatch(text.strip()) or _PIPED.search(text)
        return Computed(EnvironmentText(default[1]), known=True, text=text) if default else Computed(text=text)
    if (url := _URL.fullmatch(text)) and not place.search(url[1]):
        return Computed(_url(url[1], url[2], place), known=True, text=text)
    if (port := _WITH_PORT.fullmatch(text)) and not place.search(port[1]):
        return Computed(port[1], known=True, text=text)
    return Computed(text=text)


def placeholder(url: str) -> Computed | None:
    """The value of a URL in which a word such as `your_smtp_port` stands for its port; None for any other text."""
    m = _PORT_IN_URL.fullmatch(url[:4000].strip())
    return m and Computed(f"{m[1]}{_PORTS.get(m[2].lower(), 587)}{m[3] or ''}", known=True, text=url)


def _url(scheme: str, rest: str, place: re.Pattern[str]) -> str:
    """A URL in which what varies is replaced: the login is hidden, the host an example, the port the scheme's own."""
    login, at, address = rest.rpartition("@")
    address, query, options = address.partition("?")
    host, port = (address, ":") if place.fullmatch(rest) else _split(address, place)
    host = _default(host, place, _HOST)
    if port:
        port = _default(port.removeprefix(":").rstrip("/"), place, "")
        port = f":{port if port.isdecimal() and len(port) < 6 else _PORTS.get(scheme.lower(), 587)}"
    user = ("user:(secret)@" if ":" in login else "user@") if at else ""
    return f"{scheme}://{user}{host}{port}" + (f"?{options}" if query and not place.search(options) else "")


def _split(address: str, place: re.Pattern[str]) -> tuple[str, str]:
    """The host, and the port with its colon; a colon within a variable (${HOST:-mail}) is none."""
    masked = place.sub(lambda m: "x" * len(m[0]), address)
    at = masked.rfind(":")
    return (address, "") if at < 0 else (address[:at], address[at:])


def _default(text: str, place: re.Pattern[str], otherwise: str) -> str:
    if not place.search(text):
        return text
    default = _DEFAULTED.fullmatch(text)
    return default[1] if default and default[1] else otherwise
