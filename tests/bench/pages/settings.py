"""The real settings, with the bare view in place of the site."""

from pathlib import Path

from glossary.settings import *  # noqa: F403
from glossary.settings import TEMPLATES

ROOT_URLCONF = "tests.bench.pages.bare"
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
