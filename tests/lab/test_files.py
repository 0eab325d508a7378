"""Only a regular file is opened, emptied or replaced; nothing else is waited for."""

import os
import stat

import pytest

from smtplab.lab.files import open_regular, regular_or_absent
from smtplab.packets import private_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes")


@pytest.fixture(params=["link", "pipe", "device", "folder", "loose link"])
def odd(request, tmp_path):
    """A path that names something else than a regular file."""
    path, target = tmp_path / "named", tmp_path / "target"
    if request.param == "device":
        return os.devnull
    if request.param == "link":
        target.write_text("precious")
    if "link" in request.param:
        path.symlink_to(target)
    if request.param == "pipe":
        os.mkfifo(path)
    if request.param == "folder":
        path.mkdir()
    return str(path)


def test_nothing_else_is_opened_or_changed(odd, tmp_path):
    before = os.lstat(odd)
    for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT):
        with pytest.raises(OSError, match="regular"):
            open_regular(odd, flags)
    with pytest.raises(OSError, match="regular"):
        private_file(odd)
    assert os.lstat(odd)[:3] == before[:3] and not regular_or_absent(odd)
    assert not (tmp_path / "target").exists() or (tmp_path / "target").read_text() == "precious"


def test_a_regular_file_is_and_one_that_is_made_is_its_owner_s_alone(tmp_path):
    path = tmp_path / "new"
    assert regular_or_absent(path)
    private_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_bytes() == b""
    path.write_text("old")
    path.chmod(0o644)
    private_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_bytes() == b""
    (tmp_path / "link").symlink_to(path)
    os.close(open_regular(tmp_path / "link", os.O_RDONLY, follow=True))  # reading may go through a link
