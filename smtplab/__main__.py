"""`python -m smtplab` and the `smtplab` command: what they import comes after they know how to be interrupted."""

import sys

from . import ending


def main() -> None:
    """Run the command and end the process with its status."""
    try:
        ending.arm()
        from .cli import main as run
        run()
    except KeyboardInterrupt:
        ending.disarm()
        sys.exit(1)


if __name__ == "__main__":
    main()
