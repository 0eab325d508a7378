"""`python -m smtplab` and the `smtplab` command: first the signal handlers, then the imports, which take a while."""

import sys


def main() -> None:
    """Run the command and end the process with its status."""
    try:
        from . import ending
        ending.arm()
        from .cli import main as run
        run()
    except KeyboardInterrupt:
        sys.exit(1)


if __name__ == "__main__":
    main()
