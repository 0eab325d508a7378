"""The subcommands, a module each, loaded when asked for: each calls one public function and prints what it returns.

A module here holds one click command, called `command`; `smtplab.cli.Commands` lists the names. With --json,
stdout holds JSON and nothing else; every line is flushed as it is printed.
"""
