"""Zero configuration and full configuration: both are safe ones."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from glossary import environment
from glossary.middleware import SingleSignOn


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "glossary.settings", **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_passes_the_deployment_check_when_configured(tmp_path: Path) -> None:
    result = manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        LEXISPACE_URL="https://glossary.example.org",
        ALLOWED_HOSTS="glossary.example.org",
        LEXISPACE_VAR=str(tmp_path),
    )
    assert result.returncode == 0, result.stderr


def test_it_makes_a_secret_key_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = environment.secret_key(tmp_path / "new")
    kept = tmp_path / "new" / "secret-key"
    assert len(key) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert environment.secret_key(tmp_path / "new") == key


def test_it_is_not_in_debug_mode_and_stays_on_loopback() -> None:
    assert settings.DEBUG is False
    assert settings.HOST == "127.0.0.1"


@pytest.mark.parametrize("value", ["maybe", "onn"])
def test_it_names_a_variable_that_is_neither_on_nor_off(value: str) -> None:
    result = manage("check", LEXISPACE_PRIVATE=value)
    assert f"LEXISPACE_PRIVATE='{value}' is neither on nor off" in result.stderr


@pytest.mark.django_db
def test_it_has_no_password_until_the_link_sets_one(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("admin_link")
    address = capsys.readouterr().out.strip()
    assert not User.objects.get(username="admin").has_usable_password()
    path = re.sub(r"^https?://[^/]+", "", address)
    form = client.get(path)["Location"]
    new = "correct horse battery staple"
    response = client.post(form, {"new_password1": new, "new_password2": new})
    assert response.status_code == 302
    assert client.login(username="admin", password=new)
    assert "used already" in Client().get(path, follow=True).content.decode()


@pytest.mark.processes
def test_it_asks_for_a_log_in_everywhere_when_private(tmp_path: Path) -> None:
    program = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "from django.test import Client\n"
        "client = Client(headers={'host': 'localhost'})\n"
        "pages = ['/', '/en/', '/en/define/x', '/en/search?q=x', '/en/topics', '/en/bundles',\n"
        "    '/en/recent', '/en/feed.atom', '/en/feed.json', '/en/topics/x/feed.atom',\n"
        "    '/en/define/x/card.png',\n"
        "    '/llms.txt', '/sitemap.xml', '/sitemap-pages.xml', '/sitemap-terms-0.xml',\n"
        "    '/en/propose', '/en/propose/x', '/accounts/', '/accounts/invite/',\n"
        "    '/accounts/password/', '/accounts/proposals/', '/accounts/proposals/1/',\n"
        "    '/en/releases', '/en/releases/x/', '/en/releases/x/entries.jsonl']\n"
        "print({client.get(page).status_code for page in pages})\n"
        "rest = ['/api/v1/terms', '/api/v1/search?q=x', '/api/v1/topics', '/api/v1/spaces']\n"
        "print({client.get(url).status_code for url in rest}, client.get('/healthz').status_code)\n"
        "print(*client.get('/robots.txt').content.decode().split())\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "LEXISPACE_PRIVATE": "on",
            "LEXISPACE_PROPOSALS": "open",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "{302}\n{401} 200\nUser-agent: * Disallow: /\n", result.stderr


@pytest.mark.parametrize("header", ["", "X-Remote-User"])
@pytest.mark.django_db
def test_it_believes_a_proxy_only_where_it_is_told_to_and_only_at_the_log_in(
    settings: Any, header: str
) -> None:
    if header:
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.RemoteUserBackend"]
        place = settings.MIDDLEWARE.index("pghistory.middleware.HistoryMiddleware")
        added = [*settings.MIDDLEWARE]
        added.insert(place, "glossary.middleware.SingleSignOn")
        settings.MIDDLEWARE = added
    visitor = Client(headers={"X-Remote-User": "ada"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SingleSignOn, "header", "HTTP_X_REMOTE_USER")
        page = visitor.get("/")
        assert not page.cookies
        assert "Cookie" not in page["Vary"]
        assert visitor.get("/accounts/").status_code == 302
        response = visitor.get("/accounts/login/?next=/accounts/")
    assert response.status_code == (302 if header else 200)
    assert visitor.get("/accounts/").status_code == (200 if header else 302)
    assert list(User.objects.values_list("username", "is_staff")) == [("ada", False)] * bool(header)


def test_it_reads_the_header_of_single_sign_on_from_the_environment() -> None:
    program = "from django.conf import settings as s; print(s.MIDDLEWARE, s.SSO_HEADER)"
    for header, expected in (("X-Remote-User", "X_REMOTE_USER"), ("", "")):
        said = manage("shell", "--no-imports", "-c", program, LEXISPACE_SSO_HEADER=header)
        assert ("SingleSignOn" in said.stdout) == bool(header), said.stderr
        assert said.stdout.strip().endswith(f"] {expected}".strip())


@pytest.mark.processes
def test_it_says_honestly_that_the_database_is_away() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(headers={'host': 'localhost'})\n"
        "for url in ('/', '/en/define/x', '/api/v1/terms', '/readyz', '/healthz'):\n"
        "    response = client.get(url)\n"
        "    print(response.status_code, response.get('Retry-After', '-'))\n"
    )
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **away, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "503 5\n503 5\n503 5\n503 -\n200 -\n", result.stderr[-2000:]
