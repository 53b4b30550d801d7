"""Invited, logged in, locked out for a while, helped by a link; and who may do that for whom."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from redis import ConnectionError as RedisAway
from redis import Redis

from terms import rates, roles
from terms.models import Attempt
from terms.roles import ADMINISTRATORS, CONTRIBUTORS, EDITORS
from tests.factories import make_topic, make_user

pytestmark = pytest.mark.django_db
LOG_IN = "/accounts/login/"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(ADMINISTRATORS, username="root"))
    return client


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise RedisAway("away")

    monkeypatch.setattr(Redis, "execute_command", away)
    monkeypatch.setattr("redis.client.Pipeline.execute", away)


@pytest.fixture
def mailing(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"


def try_password(client: Client, password: str, name: str = "ada", **headers: str) -> Any:
    return client.post(LOG_IN, {"username": name, "password": password}, headers=headers)


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def set_password(link: str) -> None:
    visitor = Client()
    form = visitor.get(path_of(link))["Location"]
    visitor.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})


def invited(client: Client, role: str, **fields: Any) -> Any:
    return client.post("/accounts/invite/", {"username": "ada", "role": role, **fields})


def test_an_invitation_makes_an_account_that_its_link_opens(administrator: Client) -> None:
    topic = make_topic("geometry")
    answer = invited(administrator, EDITORS, topics=[topic.pk])
    ada = User.objects.get(username="ada")
    assert not ada.has_usable_password()
    assert (roles.role_of(ada), ada.is_staff, ada.is_superuser) == (EDITORS, True, False)
    assert [each.topic for each in ada.responsibilities.all()] == [topic]
    link = answer.context["link"]
    assert link in answer.text
    assert "no-store" in answer["Cache-Control"]
    set_password(link)
    assert try_password(Client(), PASSWORD)["Location"] == "/accounts/"


def test_a_contributor_is_kept_out_of_the_admin(administrator: Client) -> None:
    invited(administrator, CONTRIBUTORS)
    assert not User.objects.get(username="ada").is_staff


def test_an_invitation_is_mailed_where_a_server_is_named(
    administrator: Client, mailing: None
) -> None:
    answer = invited(administrator, EDITORS, email="ada@example.org", whole="on")
    assert mail.outbox[0].to == ["ada@example.org"]
    assert answer.context["link"] in mail.outbox[0].body
    assert "has been mailed" in answer.text


def test_a_lost_password_is_mailed_to_its_owner_and_nobody_learns_who_has_an_account(
    client: Client, mailing: None
) -> None:
    make_user(username="ada", email="ada@example.org", password="old")
    known, unknown = (
        client.post("/accounts/reset/", {"email": f"{name}@example.org"}) for name in ("ada", "bob")
    )
    assert known.text.replace("ada@", "") == unknown.text.replace("bob@", "")
    [message] = mail.outbox
    set_password(re.findall(r"https?://\S+", str(message.body))[0])
    assert client.login(username="ada", password=PASSWORD)


def test_without_e_mail_one_is_told_to_ask_an_administrator(client: Client) -> None:
    assert "Ask its administrator" in client.get("/accounts/reset/").text
    make_user(username="ada", email="ada@example.org", password="old")
    client.post("/accounts/reset/", {"email": "ada@example.org"})
    assert mail.outbox == []


def test_an_administrator_makes_a_link_for_who_lost_the_password(administrator: Client) -> None:
    ada = make_user(EDITORS, username="ada", password="old")
    answer = administrator.post(f"/admin/auth/user/{ada.pk}/link/")
    set_password(answer.context["link"])
    assert Client().login(username="ada", password=PASSWORD)


def test_no_administrator_makes_or_changes_a_superuser(administrator: Client) -> None:
    above = User.objects.create_superuser("above", password=PASSWORD)
    ada = make_user(EDITORS, username="ada")
    form = {"username": "ada", "role": ADMINISTRATORS, "is_active": "on", "is_superuser": "on"}
    form |= {"responsibilities-TOTAL_FORMS": "0", "responsibilities-INITIAL_FORMS": "0"}
    assert administrator.post(f"/admin/auth/user/{ada.pk}/change/", form).status_code == 302
    ada.refresh_from_db()
    assert (roles.role_of(ada), ada.is_superuser) == (ADMINISTRATORS, False)
    for page in ("change/", "password/", "link/"):
        assert administrator.post(f"/admin/auth/user/{above.pk}/{page}", form).status_code == 403
    above.refresh_from_db()
    assert (above.username, above.check_password(PASSWORD)) == ("above", True)


def test_a_superuser_makes_another(admin_client: Client) -> None:
    ada = make_user(username="ada")
    form = {"username": "ada", "role": "", "is_active": "on", "is_superuser": "on"}
    form |= {"responsibilities-TOTAL_FORMS": "0", "responsibilities-INITIAL_FORMS": "0"}
    admin_client.post(f"/admin/auth/user/{ada.pk}/change/", form)
    ada.refresh_from_db()
    assert (ada.is_superuser, ada.is_staff) == (True, True)


@pytest.mark.parametrize("place", [LOG_IN, "/admin/login/"])
def test_too_many_tries_are_refused_even_with_the_password(client: Client, place: str) -> None:
    User.objects.create_superuser(f"ada {place}", password=PASSWORD)
    form = {"username": f"ada {place}"}
    for _ in range(rates.LOG_IN.most):
        assert "Too many tries" not in client.post(place, form | {"password": "guess"}).text
    assert "Too many tries" in client.post(place, form | {"password": PASSWORD}).text
    other = form | {"username": "somebody else", "password": "guess"}
    assert "Too many tries" not in client.post(place, other).text


def test_the_database_counts_tries_while_redis_is_away(client: Client, redis_away: None) -> None:
    make_user(username="grace", password=PASSWORD)
    for _ in range(rates.LOG_IN.most):
        try_password(client, "guess", "grace")
    assert "Too many tries" in try_password(client, PASSWORD, "grace").text
    Attempt.objects.update(until="2001-01-01T00:00:00Z")
    assert try_password(client, PASSWORD, "grace").status_code == 302
    assert not Attempt.objects.exists()


def test_who_logs_in_begins_anew(client: Client) -> None:
    make_user(username="edith", password=PASSWORD)
    for _ in range(2 * rates.LOG_IN.most):
        assert try_password(Client(), PASSWORD, "edith").status_code == 302


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 8.8.8.8", "9.9.9.9"),
        (3, "9.9.9.9", ""),
    ],
)
def test_only_the_operators_own_proxies_are_believed(
    settings: Any, proxies: int, told: str, seen: str
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": told})
    assert rates.address_of(request) == (seen or "9.9.9.9")


def test_a_password_is_changed_on_a_page_of_its_own(client: Client) -> None:
    client.force_login(make_user(username="ada", password="old"))
    form = {"old_password": "old", "new_password1": PASSWORD, "new_password2": PASSWORD}
    answer = client.post("/accounts/password/", form, follow=True)
    assert "The new password is set." in answer.text
    assert "ada" in answer.text


@pytest.mark.parametrize("page", ["", "password/", "invite/"])
def test_ones_own_pages_ask_for_a_log_in_and_are_kept_by_nobody(client: Client, page: str) -> None:
    assert client.get(f"/accounts/{page}").status_code == 302
    client.force_login(User.objects.create_superuser("root"))
    answer = client.get(f"/accounts/{page}")
    assert "no-store" in answer["Cache-Control"]
    assert "ETag" not in answer


def test_who_may_not_invite_is_told_so(client: Client) -> None:
    client.force_login(make_user(EDITORS))
    answer = client.get("/accounts/invite/")
    assert answer.status_code == 403
    assert "not for your account" in answer.text


def test_an_account_speaks_the_language_of_the_browser(administrator: Client) -> None:
    for path, words in (
        ("/accounts/", "Meine Vorschläge"),
        ("/accounts/proposals/", "Nichts wartet auf Sie."),
        ("/accounts/invite/", "Jemanden einladen"),
    ):
        page = administrator.get(path, headers={"accept-language": "de-AT, en;q=0.5"})
        assert '<html lang="de" dir="ltr">' in page.text
        assert words in page.text
        assert "Accept-Language" in page["Vary"]
    assert "My proposals" in administrator.get("/accounts/").text
    admin = administrator.get("/admin/", headers={"accept-language": "de"})
    assert '<html lang="en' in admin.text
