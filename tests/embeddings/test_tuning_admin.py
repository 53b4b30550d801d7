"""Tunings in the admin, and the button that makes a space serve."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from embeddings import gate
from embeddings.models import Space, Tuning
from tests.embeddings.test_tuning import BETTER, ask, make_done
from tests.factories import make_editor, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unheard")]

LIST = "/admin/embeddings/tuning/"
MOVED: dict[str, Any] = {
    "moved": 0.1,
    "percent_kept": 61.5,
    "most_moved": [
        {
            "name": "token",
            "slug": "token",
            "moved": 0.4,
            "percent_kept": 10,
            "lost": ["a"],
            "won": [],
        }
    ],
    "most_changed": [],
    "map": {"procrustes": 0.0123, "names": ["token", "byte"], "places": [[1, 2, 3, 4], [9] * 4]},
}


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.doorbell._send", lambda task: None)


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user("administrators"))
    return client


def test_it_is_asked_for_by_a_form(administrator: Client) -> None:
    assert "made to serve" in administrator.get(f"{LIST}add/").text
    asked = {"kind": "lora", "side": "query", "pairs": ["later"], "epochs": 2, "seed": 5}
    page = administrator.post(f"{LIST}add/", asked, follow=True)
    administrator.post(f"{LIST}add/", {**asked, "epochs": "", "side": "both"})
    usual = Tuning.objects.get(side="both")
    assert usual.epochs == 2
    usual.delete()
    tuning = Tuning.objects.get()
    assert (tuning.side, tuning.epochs, tuning.made_by) == ("query", 2, page.context["user"])
    assert "waits for the worker" in page.text
    assert "waiting" in administrator.get(LIST).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "magic"},
        {"kind": "feedback"},
        {"epochs": 0},
        {"epochs": -1},
        {"pairs": []},
        {"seed": "x"},
    ],
)
def test_a_form_that_cannot_be_is_shown_again(administrator: Client, wrong: Any) -> None:
    asked = {"kind": "lora", "side": "both", "pairs": ["later"], "epochs": 1, "seed": 1} | wrong
    assert "errorlist" in administrator.post(f"{LIST}add/", asked).text
    assert not Tuning.objects.exists()


def test_a_run_is_seen_stopped_and_goes_on(administrator: Client) -> None:
    tuning = ask()
    Tuning.objects.filter(pk=tuning.pk).tell(step=1, steps=4, losses=[2.0], doing="training")
    page = administrator.get(f"{LIST}{tuning.pk}/change/").text
    assert "Step 1 of 4; training" in page
    assert "<polyline" in page
    assert 'http-equiv="refresh"' in page
    page = administrator.post(f"{LIST}{tuning.pk}/stop/", follow=True).text
    assert "keeps what it learned" in page
    assert "Go on" in page
    assert "has ended already" in administrator.post(f"{LIST}{tuning.pk}/stop/", follow=True).text
    assert "goes on" in administrator.post(f"{LIST}{tuning.pk}/resume/", follow=True).text


def test_a_done_one_tells_its_figures_and_what_moved(administrator: Client) -> None:
    weaker = {"strengths": dict.fromkeys(["0.25", "0.5", "0.75"], BETTER)}
    tuning = make_done(losses=[2.0, 1.0], inspection=MOVED, figures=BETTER | weaker)
    page = administrator.get(f"{LIST}{tuning.pk}/change/").text
    for words in ("0.300", "0.350", "+16.7%", "61.5% stay", "token", "Make a space of it"):
        assert words in page
    assert 'd="M1 2L3 4"' in page
    assert "differ by 0.012" in page
    assert page.count("<td>yes</td>") == 4
    assert 'min="5"' in page, "from which steps of 5 reach 75 and 100"
    assert "style=" not in page.partition('<div id="content-main"')[2]
    assert "0.300 → 0.350" in administrator.get(LIST).text


def test_its_adapter_and_card_are_downloaded(administrator: Client) -> None:
    tuning = make_done()
    got = administrator.get(f"{LIST}{tuning.pk}/adapter/")
    assert got.content == bytes(tuning.adapter or b"")
    assert f"tuning-{tuning.pk}.safetensors" in got["Content-Disposition"]
    assert administrator.get(f"{LIST}{tuning.pk}/card/").json()["sha256"] == tuning.sha256
    assert administrator.get(f"{LIST}{ask().pk}/adapter/").status_code == 404


def upload(client: Client, content: bytes, card: bytes) -> str:
    files = (("a.safetensors", content), ("a.json", card))
    adapter, said = (SimpleUploadedFile(*file) for file in files)
    return client.post(f"{LIST}import/", {"adapter": adapter, "card": said}, follow=True).text


def test_an_adapter_from_elsewhere_is_imported_with_its_card(administrator: Client) -> None:
    tuning = make_done()
    content, card = bytes(tuning.adapter or b""), json.dumps(tuning.card).encode()
    assert f"{LIST}import/" in administrator.get(LIST).text
    assert "does not count here" in " ".join(upload(administrator, content, card).split())
    other = Tuning.objects.exclude(pk=tuning.pk).get()
    assert (other.sha256, other.made_by is None) == (tuning.sha256, False)
    measure = f"{LIST}{other.pk}/measure/"
    assert measure in administrator.get(f"{LIST}{other.pk}/change/").text
    assert "It is measured" in administrator.post(measure, follow=True).text
    assert Tuning.objects.get(pk=other.pk).state == "waiting"
    assert "measured already" in administrator.post(measure, follow=True).text
    for files, words in (
        ((content[:-1] + b"x", card), "sha256 differs"),
        ((content, b"{}"), "another format"),
        ((b"x" * 2_000_000, card), "2,000,000 bytes, more than"),
        ((b"", card), "empty"),
    ):
        assert words in upload(administrator, *files)
    assert "This field is required" in administrator.post(f"{LIST}import/").text
    assert Tuning.objects.count() == 2


def test_it_becomes_a_space_of_a_strength_once(administrator: Client) -> None:
    tuning = make_done()
    make = f"{LIST}{tuning.pk}/space/"
    for strength in (0, 101, "x", ""):
        administrator.post(make, {"strength": strength})
    assert not Space.objects.filter(encoder__startswith="tuned").exists()
    assert "is being filled" in administrator.post(make, {"strength": 75}, follow=True).text
    assert "already" in administrator.post(make, {"strength": 75}, follow=True).text
    assert Space.objects.filter(encoder=f"{tuning.key}@0.75", state="building").count() == 1
    removed = administrator.post(f"{LIST}{tuning.pk}/remove/", follow=True).text
    assert "is of it" in removed
    Space.objects.filter(encoder__startswith="tuned").delete()
    administrator.post(f"{LIST}{tuning.pk}/remove/")
    assert not Tuning.objects.exists()


@pytest.mark.parametrize("fields", [{"side": "query"}, {"state": "stopped"}])
def test_no_space_is_made_of_what_has_none(administrator: Client, fields: Any) -> None:
    tuning = make_done(**fields)
    administrator.post(f"{LIST}{tuning.pk}/space/", {"strength": 100})
    assert not Space.objects.filter(encoder=tuning.key).exists()


def test_a_space_is_made_to_serve_by_one_button_and_back(
    administrator: Client, space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "obstacle", lambda key: "")
    worse = make_done(figures={})
    Space.objects.filter(pk=space.pk).update(activated_at=space.created_at)
    other = Space.objects.begin(worse.key, name="other")
    serve = "/admin/embeddings/space/{}/serve/"
    assert serve.format(other.pk) in administrator.get("/admin/embeddings/space/").text
    assert "not measured" in administrator.post(serve.format(other.pk), follow=True).text
    assert Space.objects.serving() == space
    other.activate()
    assert "serves now" in administrator.post(serve.format(space.pk), follow=True).text
    assert Space.objects.serving() == space


def test_an_editor_may_not(client: Client, space: Space) -> None:
    client.force_login(make_editor(whole=True))
    tuning = make_done()
    paths = [
        "",
        "add/",
        "import/",
        *(f"{tuning.pk}/{name}/" for name in ("change", "adapter", "card")),
    ]
    assert {client.get(LIST + path).status_code for path in paths} == {403}
    posts = [f"{LIST}{tuning.pk}/{name}/" for name in ("stop", "resume", "measure", "space")]
    posts.append(f"{LIST}{tuning.pk}/remove/")
    posts.append(f"/admin/embeddings/space/{space.pk}/serve/")
    assert {client.post(path).status_code for path in posts} == {403}
