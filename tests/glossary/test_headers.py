"""What every response carries, whatever it is: a page, an error, a file, the admin, the API."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from glossary.urls import handler404, handler500
from glossary.urls import urlpatterns as site
from terms.models import Glossary
from tests.factories import make_term

__all__ = ["handler404", "handler500"]
pytestmark = pytest.mark.django_db


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


urlpatterns = [path("broken", broken), path("api/v1/broken", broken), *site]

RESPONSES = {
    "/": 200,
    "/en/define/token": 200,
    "/en/define/Token": 301,
    "/en/define/nothing": 404,
    "/en/search?q=token": 200,
    "/en/map": 200,
    "/en/map/points.json": 404,
    "/nowhere": 404,
    "/broken": 500,
    "/api/v1/broken": 500,
    "/static/css/tokens.css": 200,
    "/static/nothing.css": 404,
    "/admin/login/": 200,
    "/admin/": 302,
    "/accounts/login/": 200,
    "/api/v1/terms": 200,
    "/api/v1/terms/en/nothing": 404,
    "/api/v1/terms?limit=x&changed_since=y": 400,
    "/api/v1/docs": 200,
    "/api/v1/docs?script=": 200,
    "/api/v1/schema": 200,
    "/api/nowhere": 404,
    "/healthz": 200,
    "/readyz": 200,
}


@pytest.fixture
def site_with_fault(space: Any) -> Any:
    Glossary.objects.get_or_create(id=1)
    make_term("token")
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


def assert_guarded(response: Any) -> None:
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(("url", "status"), RESPONSES.items())
def test_it_guards_every_response(site_with_fault: Client, url: str, status: int) -> None:
    response = site_with_fault.get(url)
    response.close()  # a file is open behind the answer
    assert response.status_code == status
    assert_guarded(response)


def test_it_guards_304_and_405(site_with_fault: Client) -> None:
    etag = site_with_fault.get("/en/define/token")["ETag"]
    response = site_with_fault.get("/en/define/token", headers={"if-none-match": etag})
    assert response.status_code == 304
    assert_guarded(response)
    refused = site_with_fault.post("/en/define/token")
    assert refused.status_code == 405
    assert_guarded(refused)


@pytest.mark.parametrize(
    "url", ["/", "/en/define/token", "/en/search?q=token", "/en/map", "/nowhere"]
)
def test_it_has_nothing_inline_on_pages(site_with_fault: Client, url: str) -> None:
    content = site_with_fault.get(url).content.decode()
    assert "<style" not in content
    assert " style=" not in content
    assert " onclick=" not in content
    scripts = [tag.partition(">")[0] for tag in content.split("<script")[1:]]
    assert all("src=" in tag or tag == ' type="application/ld+json"' for tag in scripts)


def test_it_opens_public_reads_to_other_sites_and_nothing_else(site_with_fault: Client) -> None:
    origin = {"origin": "https://elsewhere.example"}
    for url in ("/api/v1/terms", "/api/v1/search?q=token", "/api/v1/terms/en/nothing"):
        assert site_with_fault.get(url, headers=origin)["Access-Control-Allow-Origin"] == "*"
    for url in ("/", "/admin/login/", "/api/nowhere"):
        assert "Access-Control-Allow-Origin" not in site_with_fault.get(url, headers=origin)
    preflight = site_with_fault.options(
        "/api/v1/terms", headers={**origin, "access-control-request-method": "DELETE"}
    )
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Access-Control-Allow-Credentials" not in preflight


def test_it_tells_caches_what_they_may_keep(site_with_fault: Client) -> None:
    page = site_with_fault.get("/en/define/token")
    assert page["Cache-Control"] == "public, no-cache"
    assert "Accept" in page["Vary"]
    assert "Cookie" not in page["Vary"]
    assert "no-store" in site_with_fault.get("/admin/login/")["Cache-Control"]
    assert "ETag" not in site_with_fault.get("/en/define/nothing")


@pytest.mark.parametrize(
    "url",
    [
        "/en/define/a%00b",
        "/en/topics/%00",
        "/en/bundles/%00",
        "/en/letter/%00",
        "/en/?after=%00",
        "/en/search?q=%00",
        "/%00",
    ],
)
def test_it_refuses_nul_in_an_address(site_with_fault: Client, url: str) -> None:
    response = site_with_fault.get(url)
    assert response.status_code == 400
    assert_guarded(response)


def test_it_says_nothing_of_a_fault_but_that_there_was_one(site_with_fault: Client) -> None:
    for url in ("/broken", "/api/v1/broken"):
        content = site_with_fault.get(url).content.decode()
        assert "RuntimeError" not in content
        assert "a fault of ours" not in content
