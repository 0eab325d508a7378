"""Ruby's own mailers against a lab server: the program text that they need, kept out of the lessons' cells."""

from __future__ import annotations

import re

from .terminal import Terminal, in_terminal

_SEND = ("begin; Mail::SMTP.new(%s).deliver!(Mail.new(from: %%q(a@example.com), to: %%q(b@example.com))); puts :sent; "
         "rescue => error; puts error.message; end")


def ruby_mail(settings: str, server: object) -> Terminal:
    """Run the mail gem with a hash of `smtp_settings` in single line or several, against `server`.

    Host, port and authority are the server's, and a wait ends after a second.
    """
    words = re.sub(r"\bport: *\d+", "port: {port}", settings)
    words = re.sub(r"\baddress: *([\"'])[^\"']*\1", 'address: "{host}"', words)
    words = re.sub(r"\s*\}\s*$", ', ca_file: "{ca_file}", read_timeout: 1 }', " ".join(words.split()))
    return in_terminal(f"ruby -rmail -e '{_SEND % words}'", server)


def ruby_smtp(server: object, user: str = "", password: str = "", *, implicit: bool = False) -> Terminal:
    """Run Ruby's net/smtp against `server`, with a login if a user is given, with TLS at once if `implicit`."""
    login = f', "me.example.com", "{user}", "{password}", :plain' if user else ""
    start = (f'Net::SMTP.new("{{host}}", {{port}}).tap(&:enable_tls).start({login[2:]})' if implicit
             else f'Net::SMTP.start("{{host}}", {{port}}{login})')
    return in_terminal(f"ruby -rnet/smtp -e '{start}'", server)
