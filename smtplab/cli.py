"""The `smtplab` command: runs a subcommand, and ends the process with its exit status.

The status is 0 if it worked, 1 if it ran and found a failure, 2 for wrong usage. An error is one line on stderr.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterator, Mapping

import click

from . import ending
from .escape import printable


class Commands(Mapping[str, click.Command]):
    """The subcommands by name. A lookup imports the module, `smtplab.commands.NAME`.

    So `smtplab settings` starts without the lab; only --help imports them all.
    """

    names = ("diagnose", "doctor", "explain", "handshake", "judge", "lab", "matrix", "mystery", "probe", "read",
             "rehearse", "relay", "room", "serve", "settings", "talk")

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.names:
            raise KeyError(name)
        return importlib.import_module(f".commands.{name}", __package__).command

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Print the versions that an error report needs, and end."""
    if asked and not context.resilient_parsing:
        from . import __version__
        from .lab.openssl_version import openssl_version
        python = ".".join(map(str, sys.version_info[:3]))
        print(printable(f"smtplab, version {__version__} (Python {python}, {openssl_version()})"))
        context.exit()


@click.group(commands=Commands(), context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option("-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
              help="Show the versions of smtplab, Python and OpenSSL.")
@click.pass_context
def cli(context: click.Context) -> None:
    """Perform, capture and explain mail connections: plain, STARTTLS and implicit TLS.

    Example: smtplab probe mail.example.net
    """
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Run a command line, and end the process with the command's status."""
    ending.arm()
    if isinstance(sys.stdout, io.TextIOWrapper):  # escapes a letter that the terminal's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(arguments, prog_name="smtplab", standalone_mode=False)
    except click.ClickException as exc:
        context = getattr(exc, "ctx", None)
        command = context.command_path if context else "smtplab"
        print(printable(f"smtplab: {' '.join(exc.format_message().split())} (see {command} --help)"), file=sys.stderr)
        status = 2
    except (ValueError, OSError) as exc:
        print(printable(f"smtplab: {exc} (see smtplab --help)"), file=sys.stderr)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        status = 1
    except RuntimeError as exc:  # Python's wrapping of an interrupt that comes while a class is created
        if not isinstance(exc.__cause__, KeyboardInterrupt):
            raise
        status = 1
    ending.disarm()
    sys.exit(status)
