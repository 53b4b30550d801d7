"""`manage.py prepare`: safe to call twice, safe to call from many containers at once."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from pytest_django import Settings

from glossary.management.commands.prepare import collect_static, refuse_newer_data
from glossary.servers.postgres import Postgres

REPOSITORY = Path(__file__).parents[2]


def note_migration(app: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [app, name]
        )


@pytest.mark.django_db
def test_data_of_this_version_is_welcome() -> None:
    refuse_newer_data()


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["terms", "embeddings"])
def test_data_of_a_newer_version_is_refused(app: str) -> None:
    note_migration(app, "9999_later")
    with pytest.raises(CommandError, match=f"newer version .*{app}.9999_later.*run that version"):
        refuse_newer_data()


@pytest.mark.django_db
def test_migrations_of_packages_are_not_our_concern() -> None:
    note_migration("pghistory", "9999_later")
    refuse_newer_data()


def test_static_files_are_collected_when_they_changed(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("one")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "root"
    collected = tmp_path / "root" / "page.css"

    collect_static(verbosity=0)
    assert collected.read_text() == "one"
    collected.write_text("untouched")
    collect_static(verbosity=0)
    assert collected.read_text() == "untouched"
    (source / "page.css").write_text("two, and longer")
    collect_static(verbosity=0)
    assert collected.read_text() == "two, and longer"


def test_a_page_needs_one_stylesheet_and_one_script_of_its_own_version(
    settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "glossary.staticfiles.JoinedStaticFilesStorage"}
    }
    collect_static(verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    stylesheet = (tmp_path / names["css/site.css"]).read_text()
    assert "@import" not in stylesheet
    assert "@layer tokens" in stylesheet
    assert Path(names["fonts/lexispace-serif.woff2"]).name in stylesheet
    for script in ("js/main.js", "js/map.js"):
        assert re.search("^(import|export)", (tmp_path / names[script]).read_text(), re.M) is None


@pytest.mark.processes
def test_two_containers_prepare_an_empty_database_at_once(tmp_path: Path) -> None:
    environment = os.environ | {
        "LEXISPACE_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "glossary.settings",
    }
    with Postgres(tmp_path):
        both = [
            subprocess.Popen(
                [sys.executable, "manage.py", "prepare"],
                cwd=REPOSITORY,
                env=environment | {"LEXISPACE_STATIC": str(tmp_path / f"static-{number}")},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for number in range(2)
        ]
        said = "".join(each.communicate()[0].decode() for each in both)
    assert [each.returncode for each in both] == [0, 0], said
    assert said.count("Loaded the starter glossary") == 1
