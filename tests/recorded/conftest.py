import pytest

from smtplab.recorded import use_recordings


@pytest.fixture
def recordings_in_use():
    """The lab is the recorded one, for one test."""
    use_recordings()
    yield
    use_recordings(False)
