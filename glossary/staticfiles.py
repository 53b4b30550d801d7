"""How static files are collected: one stylesheet, and every name with the hash of its content."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'^@import "(?P<name>[\w-]+\.css)";$', re.MULTILINE)


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Puts the imported files in the place of STYLESHEET's imports, and hashes those of modules.

    A first visit so asks for one stylesheet, and a new version's script never meets an old module.
    """

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if STYLESHEET in paths and not dry_run:
            joined = IMPORT.sub(
                lambda found: _read(paths, f"css/{found['name']}"), _read(paths, STYLESHEET)
            )
            self.delete(STYLESHEET)
            self.save(STYLESHEET, ContentFile(joined.encode()))
            paths = paths | {STYLESHEET: (self, STYLESHEET)}
        yield from super().post_process(paths, dry_run, **options)


def _read(paths: dict[str, Any], name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read(), "utf-8")
