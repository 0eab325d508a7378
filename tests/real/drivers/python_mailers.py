"""Sends a mail by a Python mailer for each run that stands on standard input, as its text configures it.

In: one JSON line per run, {"run", "text"}. Out: {"version"}, then {"run", "error"} as each ends; null: it was sent.
argv names the mailer. Each run has a process of its own, since Django keeps its settings for all.
"""

import asyncio
import json
import os
import sys
import textwrap
import traceback
from collections.abc import Callable
from email.message import EmailMessage
from importlib.metadata import version

FROM, TO = "a@example.com", "b@example.com"


def named(text: str) -> dict:
    """The settings in a settings.py or config.py."""
    scope: dict = {}
    exec(text, scope)
    return {key: value for key, value in scope.items() if key.isupper()}


def django() -> Callable[[str], None]:
    """The text is a settings.py. Each mailer is imported once, before the runs."""
    from django.conf import settings
    from django.core import mail

    def send(text: str) -> None:
        settings.configure(**named(text))
        mail.send_mail("x", "x", FROM, [TO])

    return send


def flask_mail() -> Callable[[str], None]:
    """The text is a config.py."""
    import flask
    import flask_mail

    def send(text: str) -> None:
        app = flask.Flask("x")
        app.config.from_mapping(named(text))
        mail = flask_mail.Mail(app)
        with app.app_context():
            mail.send(flask_mail.Message("x", sender=FROM, recipients=[TO], body="x"))

    return send


def aiosmtplib() -> Callable[[str], None]:
    """The text is a call of `send`, with its `await`, or makes a client."""
    import aiosmtplib

    def send(text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = FROM, TO, "x"
        message.set_content("x")
        scope = {"aiosmtplib": aiosmtplib, "message": message}
        if "await" not in text:  # it may end in a comment
            text = f"client = {text}\nasync with client:\n    await client.send_message(message)"
        exec("async def main():\n" + textwrap.indent(text, "    "), scope)
        asyncio.run(scope["main"]())

    return send


def sent(send: Callable[[str], None], text: str) -> str | None:
    """The error, as a traceback ends, or None."""
    try:
        send(text)
    except Exception as exc:  # whatever its maker raises is what is looked for
        return "".join(traceback.format_exception_only(exc)).strip()
    return None


def say(**line: object) -> None:
    """In one piece, since several processes write there."""
    os.write(1, json.dumps(line).encode() + b"\n")


def main() -> None:
    """All runs on standard input."""
    name = sys.argv[1]
    send = {"django": django, "flask-mail": flask_mail, "aiosmtplib": aiosmtplib}[name]()
    say(version=version(name))
    children = []
    for line in sys.stdin.readlines():
        run = json.loads(line)
        children.append(os.fork())
        if not children[-1]:
            say(run=run["run"], error=sent(send, run["text"]))
            os._exit(0)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
