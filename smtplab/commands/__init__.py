"""The subcommands, one module each: a click command, called `command`, that calls the package and prints the result.

`smtplab.cli.Commands` lists their names, and loads a module when its command is used. `io` has what they share: with
--json, stdout carries JSON and nothing else, and every line is flushed as it is printed.
"""
