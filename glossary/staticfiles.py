"""How static files are collected: one stylesheet, one script, every name with a hash."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

ENTRIES = (
    "css/site.css",
    "css/users.css",
    "css/lab.css",
    "js/main.js",
    "js/lab.js",
    "js/map.js",
    "js/propose.js",
    "js/triage.js",
)
SHEET = re.compile(r'^@import "(?P<name>[\w-]+\.css)";$', re.MULTILINE)
MODULE = re.compile(r'^import (?P<taken>\{[^}]*\}) from "\./(?P<name>[\w-]+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (?P<name>\w+))", re.MULTILINE)

Read = Callable[[str], str]


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts what ENTRIES import into them before they are hashed.

    A first visit so asks for one of each, and a new version's script never meets an old module.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            joined = {name: _joined(paths, name) for name in ENTRIES if name in paths}
            for name, text in joined.items():
                self.delete(name)
                self.save(name, ContentFile(text.encode()))
            paths = paths | {name: (self, name) for name in joined}
        yield from super().post_process(paths, dry_run, **options)


def _joined(paths: dict[str, Any], entry: str) -> str:
    folder, _, name = entry.rpartition("/")
    join = join_sheets if name.endswith(".css") else join_modules

    def read(name: str) -> str:
        storage, path = paths[f"{folder}/{name}"]
        with storage.open(path) as file:
            return str(file.read(), "utf-8")

    return join(name, read)


def join_sheets(entry: str, read: Read) -> str:
    """The stylesheet with others in the place of their imports."""
    return SHEET.sub(lambda found: read(found["name"]), read(entry))


def join_modules(entry: str, read: Read) -> str:
    """The module after all that it needs, each of which keeps its names in a function of its own.

    It knows modules beside it that are imported by names, and functions and constants that are
    exported where they are defined. No other forms are in use; what is left of one fails the tests.

    >>> files = {"a.js": 'import { b } from "./b.js";\\nb();', "b.js": "export function b() {}"}
    >>> print(join_modules("a.js", files.__getitem__))
    const $b = (() => {
    function b() {}
    return { b };
    })();
    const { b } = $b;
    b();
    """
    needed: dict[str, str] = {}

    def place(name: str) -> str:
        text = read(name)
        for found in MODULE.finditer(text):
            if found["name"] not in needed:
                needed[found["name"]] = _enclosed(place(f"{found['name']}.js"))
        return MODULE.sub(lambda found: f"const {found['taken']} = {_own(found['name'])};", text)

    last = place(entry)
    return "\n".join([*(f"const {_own(name)} = {text}" for name, text in needed.items()), last])


def _own(module: str) -> str:
    return "$" + module.replace("-", "_")


def _enclosed(module: str) -> str:
    exported = ", ".join(found["name"] for found in EXPORT.finditer(module))
    return f"(() => {{\n{EXPORT.sub('', module).rstrip()}\nreturn {{ {exported} }};\n}})();"
