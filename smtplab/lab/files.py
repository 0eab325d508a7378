"""Files that somebody names, opened so that nothing but a regular file is ever waited for, emptied or replaced."""

from __future__ import annotations

import errno
import os
import stat
from os import PathLike


def open_regular(path: str | PathLike[str], flags: int, *, follow: bool = False) -> int:
    """A descriptor of a regular file, made with mode 0600 where `flags` say so; links only with `follow`.

    Raises OSError for a link, a device, a pipe or a folder, in words that say so, and whatever `os.open` raises."""
    # Without O_NONBLOCK a pipe would be waited for; a device's own open may do something.
    for name in ("O_NONBLOCK", "O_CLOEXEC", *["O_NOFOLLOW"] * (not follow)):
        flags |= getattr(os, name, 0)
    if not regular_or_absent(path, follow=follow):
        raise OSError(errno.EINVAL, "not a regular file, or a link to one", os.fspath(path))
    handle = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(handle).st_mode):  # changed since
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    return handle


def regular_or_absent(path: str | PathLike[str], *, follow: bool = False) -> bool:
    """Whether a regular file is there, or nothing at all."""
    try:
        return stat.S_ISREG((os.stat if follow else os.lstat)(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
