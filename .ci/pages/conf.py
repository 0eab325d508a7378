"""Sphinx's settings for the pages of the course: see build.py."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = html_title = "smtplab"
release = _PROJECT["version"]
copyright = "smtplab contributors"
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["_*"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # build.py has run them
# A widget's own page instead of its view, which needs a kernel.
nb_mime_priority_overrides = [("html", "text/html", 0)]
nb_number_source_lines = False
# Else every page with a formula would ask another host for MathJax. There are none.
mathjax_path = "none.js"

html_theme = "furo"
html_static_path = ["static"]
html_css_files, html_js_files = ["widgets.css", "pages.css"], ["pages.js"]
html_show_search_summary = False  # it would be fetched, which a page from a file can't
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_extra_path = [str(path) for path in sorted((ROOT / "notebooks").glob("hand-out*.html"))]
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
pygments_style, pygments_dark_style = "a11y-light", "a11y-dark"
