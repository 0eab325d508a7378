"""The four corners, run here and printed in the form of smtplab/show/recorded_corners.jsonl.

    python tests/real/record_corners.py >smtplab/show/recorded_corners.jsonl
"""

from __future__ import annotations

import platform
import ssl
from datetime import date

from smtplab.show.corner_runs import CornerJob, as_record
from smtplab.show.corners import CORNERS


def main() -> None:
    """Run and print them."""
    versions = f"Python {platform.python_version()}, {' '.join(ssl.OPENSSL_VERSION.split()[:2])}"
    for corner in CORNERS:
        print(as_record(CornerJob(corner).run(), date.today().isoformat(), versions))


if __name__ == "__main__":
    main()
