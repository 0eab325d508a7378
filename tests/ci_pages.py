"""The scripts in .ci/pages, for their tests: `build` makes the pages of the course, `pictures` the README's."""

import importlib.util
from pathlib import Path
from types import ModuleType

PAGES = Path(__file__).parents[1] / ".ci" / "pages"


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"ci_pages_{name}", PAGES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build, pictures = _module("build"), _module("pictures")
