"""The direction of knowledge, held: glossary → embeddings → terms."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MUST_NOT_KNOW = {"terms": {"embeddings", "glossary"}, "embeddings": {"glossary"}}
SHUNNED = {"utils", "helpers", "services", "common", "misc", "core", "managers"}
WITHOUT_TORCH = """
import django, sys
django.setup()
from django.test import Client
from glossary.wsgi import application
import embeddings.encoders.onnx
import embeddings.tasks
assert Client(headers={"host": "localhost"}).get("/healthz").status_code == 200
heavy = {"torch", "transformers", "sentence_transformers", "sklearn"} & set(sys.modules)
assert not heavy, heavy
"""


def sources() -> list[Path]:
    packages = ("terms", "embeddings", "glossary")
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", MUST_NOT_KNOW)
def test_it_imports_in_one_direction(package: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name in MUST_NOT_KNOW[package]
    }
    assert wrong == set()


def test_it_has_small_files_with_names_that_say_something() -> None:
    for path in sources():
        if "migrations" not in path.parts:
            assert path.read_text().count("\n") <= 350, path
        assert not SHUNNED & {*path.parts, path.stem}, path


def test_it_serves_without_importing_torch() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True, cwd=ROOT)
