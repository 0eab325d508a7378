"""`python -m smtplab` is the `smtplab` command."""

from .cli import main

main()
