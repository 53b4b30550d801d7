"""What README and docs say is run: commands, requests, tables and links."""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from email.parser import HeaderParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings

from embeddings import encoders
from embeddings.encoders import shipped
from embeddings.lab import backdrop, graph
from embeddings.models import Space
from glossary.management.commands import up
from terms import starter
from terms.models import Bundle, Sense
from tests.factories import make_token

ROOT = Path(settings.BASE_DIR)
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
ADDRESS = "http://127.0.0.1:8000"

# What starts servers or installs: run where it is named.
ELSEWHERE = {
    "make run": "tests/faults/test_up.py",
    "make test": ".ci/run",
    "docker compose up --build --detach": "tests/glossary/test_deployment.py",
    "docker compose exec web python manage.py admin_link": "tests/glossary/test_deployment.py",
    "python -m tests.bench": "tests/bench/__main__.py",
}
# Differ from one run to the next; their types are compared.
VOLATILE = {"calibration", "created_at", "cosine", "etag", "key", "score", "updated_at", "version"}


@dataclass
class Example:
    """A command of a ```console block, and the lines shown under it."""

    page: str
    line: int
    command: str
    shown: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}: $ {self.command}"


@dataclass
class Page:
    """The fenced blocks of a page: examples, and files given as ```text name."""

    name: str
    examples: list[Example] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Page:
    page = Page(str(path.relative_to(ROOT)))
    info: str | None = None
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.startswith("```"):
            info = line[3:] if info is None else None
        elif info == "console" and line.startswith("$ "):
            page.examples.append(Example(page.name, number, line[2:]))
        elif info == "console":
            page.examples[-1].shown.append(line)
        elif info and info.startswith("text "):
            name = info.removeprefix("text ")
            page.files[name] = page.files.get(name, "") + line + "\n"
    return page


def pattern(shown: str) -> str:
    """A regular expression: `…` stands for anything, a number for any number."""
    escaped = re.escape(shown).replace("…", ".*")
    return re.sub(r"(?<![\w.])\d+(?![\w.])", r"\\d+", escaped)


def says(example: Example, actual: str) -> None:
    shown = "\n".join(example.shown).strip()
    if shown:
        assert re.fullmatch(pattern(shown), actual.strip(), re.DOTALL), f"{example}\n{actual}"


# The commands and requests


def is_run_here(example: Example) -> bool:
    return example.command not in ELSEWHERE and not example.command.startswith("make run ")


@pytest.fixture
def glossary(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The starter glossary, embedded; and a folder with the files that the examples read.

    The encoder is the fast one under the names of the real one: what is compared is the shape.
    """
    for page in READ.values():
        for name, text in page.files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "tests" / "fixtures" / "bundle.txt", tmp_path)
    (tmp_path / "var").symlink_to(settings.VAR)
    monkeypatch.chdir(tmp_path)
    starter.load()
    connection.check_constraints()  # what is done at a commit, which no test makes
    hashing = settings.ENCODERS["hashing"]
    encoders.forget()
    with override_settings(
        ENCODERS={"sentence_transformers": hashing, "onnx": hashing},
        DEFAULT_ENCODER="sentence_transformers",
        LEXISPACE_URL=ADDRESS,
    ):
        space = Space.objects.ensure_default()
        about = asdict(shipped.DESCRIPTION)
        Space.objects.filter(pk=space.pk).update(name=about["model"], **about)
        call_command("embed", stdout=io.StringIO())
        yield
    encoders.forget()


READ = {path.name: read(path) for path in PAGES}


def test_what_the_pages_show_is_what_happens(
    glossary: None, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, page in READ.items():
        with subtests.test(page=name), taken_back():
            if name == "integrator.md":
                call_command("import_terms", "mapbundle.txt", stdout=io.StringIO())
                Bundle.objects.exclude(slug="words-of-maps").delete()
                editor = User.objects.create_superuser("editor")
                latent = Sense.objects.get(term__slug="latent-space", position=1)
                monkeypatch.setenv("KEY", latent.key)
                monkeypatch.setenv("TOKEN", make_token("edit", "propose", owner=editor)[1])
            if name == "lab.md":  # what a worker has done by then
                backdrop.measure(Space.objects.get(), "en")
                graph.measure(Space.objects.get(), "en")
            follow(page)


@contextlib.contextmanager
def taken_back() -> Iterator[None]:
    """Each page begins with the same glossary, which takes seconds to make."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def follow(page: Page) -> None:
    shell = ""
    for example in filter(is_run_here, page.examples):
        if example.command.startswith("python manage.py "):
            says(example, run(example))
        elif example.command.startswith("curl "):
            request(example)
        else:  # lines of one shell session: variables and the programs of the database
            shell += example.command + "\n"
            if "=$(" not in example.command:
                run_in_shell(shell)
                shell = ""


def run(example: Example) -> str:
    """What the command says, on standard output or as its error."""
    command, _, source = example.command.partition(" < ")
    arguments = shlex.split(command)[2:]
    out = io.StringIO()
    with contextlib.ExitStack() as stack:
        if source:
            file = io.TextIOWrapper(io.BytesIO(Path(source).read_bytes()))
            stack.enter_context(pytest.MonkeyPatch.context()).setattr(sys, "stdin", file)
        if arguments[0] == "makemigrations":
            stack.enter_context(contextlib.redirect_stdout(out))
        try:
            call_command(*arguments, stdout=out)
        except CommandError as error:
            if not example.shown:
                raise
            return f"CommandError: {error}"
    return out.getvalue()


def run_in_shell(script: str) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "",
    }
    done = subprocess.run(
        ["bash", "-euc", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{script}\n{done.stderr}"


def request(example: Example) -> None:
    """The curl of an example through the test client; what is shown is compared with the answer."""
    words = shlex.split(example.command)[1:]
    address = os.path.expandvars(next(word for word in words if word.startswith(ADDRESS)))
    headers = dict(
        words[i + 1].split(": ", 1) for i, word in enumerate(words) if word in {"-H", "--header"}
    )
    headers = {name: os.path.expandvars(value) for name, value in headers.items()}
    options = dict(pairwise(words))
    method = options.get("-X", "POST" if "--json" in words else "HEAD" if "-I" in words else "GET")
    if "If-Match" in headers:
        headers["If-Match"] = ask("GET", f"{address}?status=all", headers)["ETag"]
    if "If-None-Match" in headers:  # the one shown is long out of date
        headers["If-None-Match"] = ask("HEAD", address, {})["ETag"]
    answer = ask(method, address, headers, options.get("--json", ""))
    shown = "\n".join(example.shown).strip()
    assert shown, f"{example}: no answer is shown"
    if "-i" in words or "-I" in words:
        head, _, shown = shown.partition("\n\n")
        compare_heads(head, answer, example)
    else:
        assert answer.status_code == expected_status(shown), example
    if shown:
        compare(json.loads(shown), answer.json(), str(example), values="/related" not in address)


def ask(method: str, address: str, headers: dict[str, str], body: str = "") -> Any:
    host = {"Host": ADDRESS.removeprefix("http://")}
    path = address.removeprefix(ADDRESS)
    return Client().generic(method, path, body, "application/json", headers=host | headers)


def expected_status(shown: str) -> int:
    body = json.loads(shown)
    return body["status"] if isinstance(body.get("status"), int) else 200


def compare_heads(head: str, answer: Any, example: Example) -> None:
    first, _, rest = head.partition("\n")
    assert first.split()[1] == str(answer.status_code), example
    for name, value in HeaderParser().parsestr(rest).items():
        if name.lower() not in VOLATILE:
            assert answer.headers.get(name) == value, f"{example}: {name}"
        assert name in answer.headers, f"{example}: {name}"


def compare(shown: Any, actual: Any, where: str, *, values: bool = True) -> None:
    """The same keys and types, of lists the beginning; and where they are stable the same texts.

    A key `…` stands for keys that are left out.
    """
    match shown:
        case dict():
            left_out = "…" in shown
            expected = shown.keys() - {"…"}
            assert expected <= actual.keys() if left_out else expected == actual.keys(), where
            for key in expected:
                inner = values and key not in VOLATILE
                compare(shown[key], actual[key], f"{where} .{key}", values=inner)
        case list():
            assert isinstance(actual, list), where
            assert len(actual) >= len(shown), where
            for one, other in zip(shown, actual, strict=False):
                compare(one, other, where, values=values)
        case str() if values:
            assert re.fullmatch(pattern(shown), actual, re.DOTALL), f"{where}: {actual}"
        case int() | float():
            assert isinstance(actual, int | float), where
        case _:
            assert type(shown) is type(actual), f"{where}: {actual}"


def test_what_is_covered_elsewhere_is_there() -> None:
    for command, place in ELSEWHERE.items():
        assert (ROOT / place).is_file(), f"{command} is said to be covered by {place}"


# Tables and links


def test_the_table_of_variables_is_what_the_code_reads() -> None:
    table = (ROOT / "docs" / "operator.md").read_text()
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    code = (ROOT / "glossary" / name for name in ("settings.py", "environment.py"))
    lines = [line for path in code for line in path.read_text().split("\n") if ">>>" not in line]
    read_by_code = set(
        re.findall(r'\b(?:text|flag|number|amount|words|choice)\("([A-Z_]+)"', "\n".join(lines))
    )
    assert described == read_by_code


def test_the_help_of_up_names_only_variables_of_the_table() -> None:
    table = (ROOT / "docs" / "operator.md").read_text()
    named = set(re.findall(r"\b(?:[A-Z]+_[A-Z]+|HOST|PORT)\b", up.EPILOG))
    assert named
    assert [name for name in named if f"| `{name}` |" not in table] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]+`", "", path.read_text(), flags=re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / unquote(file) if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
