"""The answer on one screen, all of it, and as HTML in which nothing that was pasted is markup."""

import sys
from pathlib import Path

from helpers import each_row

sys.path.insert(0, str(Path(__file__).parents[1] / "question"))
from pastes import COMPOSE, DJANGO, OTHER_FILE, OTHER_HOST, RAILS, RAILS_ERROR

from smtplab.question import diagnose_paste
from smtplab.settings import Correction, SettingsMode
from smtplab.show.answer_document import COLUMNS, ROWS, answer_html, answer_page, answer_text, looked_at_html
