"""`python -m smtplab` and the `smtplab` command: first the signal handlers, then the imports, which take a while."""

import gc
import sys


def main() -> None:
    """Run the command and end the process with its status."""
    gc.set_threshold(20_000)  # what is imported stays: looking through it again and again is a twentieth of a command
    from . import ending
    try:
        ending.arm()
        from .cli import main as run
        run()
    except KeyboardInterrupt:
        sys.exit(1)
    except SystemExit as exc:
        ending.leave(exc.code)


if __name__ == "__main__":
    main()
