"""Who is asked for the same entries, and how each is started."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings

from glossary.management.commands import up
from tests.bench.__main__ import free_port
from tests.bench.pages import entries
from tests.bench.pages.programs import program, running

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "nginx.conf"
MAIN = """
worker_processes 1;
{user}
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type text/html;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lexispace.conf;
    server {{ listen 127.0.0.1:{files}; root {folder}/pages; }}
}}
"""
TERM_PAGE, NOT_MODIFIED = "Lexispace: term page", "Lexispace: 304 (`If-None-Match`)"
BARE, FILE, CACHE = "bare Django view", "nginx: the page as a file", "nginx cache before Lexispace"


@dataclass(frozen=True)
class Contender:
    """Where it listens, the paths it is asked for, with headers for all or for each of them."""

    name: str
    port: int
    paths: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    own_headers: Sequence[Mapping[str, str]] = ()
    status: int = 200

    def requests(self) -> list[tuple[str, dict[str, str]]]:
        own = self.own_headers or [{}] * len(self.paths)
        asked = zip(self.paths, own, strict=True)
        return [(path, {**self.headers, **more}) for path, more in asked]


@contextmanager
def started(folder: Path) -> Iterator[list[Contender]]:
    """All of them, serving within the block what Lexispace answers just now."""
    paths = entries.addresses()
    entries.save_pages(paths, folder / "pages")
    with ExitStack() as stack:
        files, cache = stack.enter_context(nginx(folder))
        kiwix = stack.enter_context(kiwix_serve(folder, f"{paths[0][1:]}.html"))
        datasette = stack.enter_context(datasette_serve(folder))
        bare = stack.enter_context(bare_view(folder))
        slugs = [path.rsplit("/", 1)[1] for path in paths]
        html = [f"{path}.html" for path in paths]
        packed = [f"/pages/A{path}" for path in html]
        yield [
            *lexispace(paths),
            Contender(BARE, bare, paths),
            Contender(FILE, files, html),
            Contender(CACHE, cache, paths),
            Contender("kiwix-serve: the page in a ZIM", kiwix, packed),
            Contender("datasette: the row", datasette, [f"/entries/entries/{s}" for s in slugs]),
        ]


def lexispace(paths: Sequence[str]) -> list[Contender]:
    known = [{"If-None-Match": etag_of(path)} for path in paths]
    compressed = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    return [
        Contender(TERM_PAGE, settings.PORT, paths),
        Contender(f"{TERM_PAGE}, compressed", settings.PORT, paths, compressed),
        Contender(NOT_MODIFIED, settings.PORT, paths, own_headers=known, status=304),
    ]


def etag_of(path: str) -> str:
    with urlopen(f"http://127.0.0.1:{settings.PORT}{path}") as answer:
        return str(answer.headers["ETag"])


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """Its ports: for the pages as files, and for the cache of docs/nginx.conf before Lexispace."""
    files, cache = free_port(), free_port()
    configuration = configure_nginx(folder, files, cache)
    command = [program("nginx"), "-p", str(folder), "-c", str(configuration), "-g", "daemon off;"]
    with running(command, cache, folder / "nginx.log"):
        yield files, cache


def configure_nginx(folder: Path, files: int, cache: int) -> Path:
    """docs/nginx.conf on loopback, its cache in the folder, and all that runs it without root."""
    here = {
        r"/var/cache/nginx/lexispace": f"{folder}/cache",
        r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{settings.PORT};",
        r"listen 80;": f"listen 127.0.0.1:{cache};",
        r"server_name .*;": "server_name 127.0.0.1;",
    }
    example = EXAMPLE.read_text()
    for pattern, ours in here.items():
        example, count = re.subn(pattern, ours, example)
        assert count == 1, pattern
    (folder / "lexispace.conf").write_text(example)
    user = "" if os.geteuid() else "user root;"  # another one may not enter the folder
    configuration = folder / "nginx.conf"
    configuration.write_text(MAIN.format(folder=folder, files=files, user=user))
    return configuration


@contextmanager
def kiwix_serve(folder: Path, welcome: str) -> Iterator[int]:
    port, zim = free_port(), folder / "pages.zim"
    entries.make_zim(folder / "pages", zim, welcome)
    command = [program("kiwix-serve"), "--address", "127.0.0.1", "--port", str(port), str(zim)]
    with running(command, port, folder / "kiwix.log"):
        yield port


@contextmanager
def datasette_serve(folder: Path) -> Iterator[int]:
    port, file = free_port(), folder / "entries.db"
    entries.make_sqlite(file)
    serve = ["-m", "datasette", "serve", "--immutable", str(file), "--port", str(port)]
    with running([sys.executable, *serve], port, folder / "datasette.log"):
        yield port


@contextmanager
def bare_view(folder: Path) -> Iterator[int]:
    """With the settings of the service, under the same server with the same flags."""
    port = free_port()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.pages.settings"}
    command = [sys.executable, *up.granian(port)]
    with running(command, port, folder / "bare.log", environment):
        yield port
