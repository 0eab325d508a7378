"""The one command that would tell more, with the host and port of the paste, and what it would tell."""

from __future__ import annotations

import re

from ..causes import Cause
from ..messages.answer import command_for

HOST, PORT = "HOST", "PORT"
# What goes into a command that people run: a name or an address, nothing that a shell or a program reads otherwise.
_HARMLESS = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}")
_TELLS = {
    Cause.DNS: "what the name resolves to, on the client's own machine",
    Cause.REFUSED: "which mail ports can be reached at all, from the client's own machine",
    **dict.fromkeys((Cause.CERT_EXPIRED, Cause.CERT_HOSTNAME, Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA,
                     Cause.CERT_CHAIN_INCOMPLETE, Cause.MIDDLEBOX), "the certificate's names, dates and issuer"),
    **dict.fromkeys((Cause.TLS_VERSION_OR_CIPHER, Cause.HANDSHAKE_STALLED), "how far TLS gets with a client of today"),
    **dict.fromkeys((Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS, Cause.AUTH_REQUIRED),
                    "what the server lists after AUTH, once TLS has begun"),
    Cause.STARTTLS_REQUIRED: "whether it works with STARTTLS",
    Cause.AUTH_REJECTED: "whether this login works outside of your program",
    **dict.fromkeys((Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE),
                    "what the server refuses, and in which words")}
_ELSE = "what the port speaks: plaintext with STARTTLS, or TLS at once"
# What is in effect in a program, as it says itself; none of these prints a password.
IN_EFFECT = {
    "django": "python manage.py diffsettings --all | grep EMAIL_ | grep -v PASSWORD",
    "rails-mail": "bin/rails runner 'p ActionMailer::Base.smtp_settings.except(:password)'",
    "laravel": "php artisan config:clear",
    "symfony-mailer": "php bin/console cache:clear",
    "postfix": "postconf -n | grep -E '^(relayhost|smtp_)'",
    "git send-email": "git config --show-origin --get-regexp '^sendemail' | grep -vi pass",
}


def place(host: str, port: int | None) -> tuple[str, str]:
    """Host and port as they may stand in a command; HOST and PORT where they are not known or no name."""
    good = host if _HARMLESS.fullmatch(host or "") else HOST
    return f"[{good}]" if ":" in good else good, str(port or PORT)


def next_command(cause: Cause, host: str, port: int | None, mode: str) -> tuple[str, str]:
    """(the command, what it tells). `mode` is a settings' mode or a client's; "" is unknown."""
    name, _ = place(host, port)
    at_once = mode == "implicit" or not mode and port in (465, 993, 995)
    if cause in _TELLS or port:
        return command_for(cause, name.strip("[]") if cause is Cause.DNS else name, port, at_once), _TELLS.get(
            cause, _ELSE)
    return f"smtplab probe {name}", _ELSE  # of all mail ports, since none is known


def in_effect(framework: str, host: str, port: int | None) -> tuple[str, str]:
    """The command that shows what the program does, where that is not what is set."""
    if command := IN_EFFECT.get(framework):
        return command, ("whether a cached configuration was in effect" if "clear" in command
                         else "which settings are in effect in the running program")
    name, number = place(host, port)
    return f"smtplab relay {name}:{number}", "what your client really does: point it at the address that this prints"
