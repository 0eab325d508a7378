"""The course's public face: lazy, the same for type checkers, and never taken by a module."""

import ast
import importlib
import subprocess
import sys
import types
from pathlib import Path

import pytest

from smtplab import course

FOLDER = Path(course.__file__).parent
WIDGETS = {"ipywidgets", "traitlets", "IPython"}


def loaded(code):
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True,
                          text=True, check=True)
    return set(done.stdout.split())


def test_each_name_is_its_module_s_own_whatever_was_imported_before():
    for path in FOLDER.rglob("*.py"):
        importlib.import_module(".".join(("smtplab", "course", *path.relative_to(FOLDER).with_suffix("").parts)))
    for name in course.__all__:
        found = getattr(course, name)
        assert isinstance(found, types.FunctionType) and found.__name__ == name
    assert set(course.__all__) == set(course._WHERE) <= set(dir(course))


def test_type_checkers_are_told_the_same():
    tree = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    assert {alias.name: node.module for node in block.body for alias in node.names} == course._WHERE


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = course.nothing


def test_a_round_in_a_terminal_needs_no_widgets():
    modules = loaded("import smtplab.commands.mystery")
    assert "smtplab.course.mysteries.round" in modules and not WIDGETS & modules
    assert WIDGETS <= loaded("from smtplab.course import mystery")
