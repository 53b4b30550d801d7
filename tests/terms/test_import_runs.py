"""Uploaded files are imported at once or by a worker; what is cancelled leaves nothing."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from terms import import_runs
from terms.import_runs import Progress, carry_out_waiting, start
from terms.models import ImportRun, Term
from tests.factories import make_editor, make_term

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor() -> User:
    return make_editor(whole=True)


def upload(by: User | None, *names: str, **fields: Any) -> ImportRun:
    lines = [
        json.dumps({"name": name, "status": "published", "senses": [{"definition": "Meant."}]})
        for name in names
    ]
    content = fields.pop("content", "\n".join(lines).encode())
    return ImportRun.objects.create(
        file_name="a.jsonl", format_name="jsonl", content=content, by=by, **fields
    )


def test_a_small_file_is_imported_at_once_and_its_bytes_are_dropped(editor: User) -> None:
    run = upload(editor, "cup", "plate")
    start(run)
    run.refresh_from_db()
    assert (run.state, run.counts, run.content) == ("done", {"added": 2}, None)
    assert run.terms.count() == 2


def test_one_fault_and_nothing_is_changed_but_the_file_is_kept(editor: User) -> None:
    run = upload(editor, "cup", "")
    start(run)
    assert (run.state, Term.objects.count()) == ("failed", 0)
    assert "line 2" in run.faults[0]
    assert run.can_start


def test_a_big_file_waits_for_the_worker(editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(import_runs, "AT_ONCE", 10)
    monkeypatch.setattr(import_runs, "ring", lambda: rung.append(True))
    run = upload(editor, "cup", "plate")
    start(run)
    start(run)
    run.refresh_from_db()
    assert (run.state, rung) == ("queued", [True])
    carry_out_waiting()
    run.refresh_from_db()
    assert (run.state, run.counts, run.progress) == ("done", {"added": 2}, 4)


def test_what_is_cancelled_while_it_runs_leaves_nothing(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, tell = upload(editor, "cup", state="queued"), Progress.__call__
    seen: list[tuple[str, int]] = []

    def cancelled_after_the_words(progress: Progress, entries: int) -> None:
        seen.append((progress.run.state, Term.objects.count()))
        tell(progress, entries)
        with progress.connection.cursor() as other:
            other.execute("UPDATE terms_importrun SET state = 'cancelled' WHERE id = %s", [run.pk])

    monkeypatch.setattr(Progress, "__call__", cancelled_after_the_words)
    carry_out_waiting()
    run.refresh_from_db()
    assert seen == [("queued", 1), ("queued", 1)]
    assert (run.state, Term.objects.count(), run.terms.count()) == ("cancelled", 0, 0)


def test_what_its_worker_left_has_failed_and_may_start_again(editor: User) -> None:
    run = upload(editor, "cup", state="running")
    carry_out_waiting()
    run.refresh_from_db()
    assert run.state == "failed"
    assert "import it again" in run.faults[0]
    start(run)
    assert run.state == "done"


def test_it_takes_the_rights_of_who_uploaded_and_their_account() -> None:
    contributor = make_editor(username="own topics only")
    run = upload(contributor, "cup")
    start(run)
    assert "You may not publish" in run.faults[0]
    for orphan in (upload(None, "cup"), upload(make_editor(whole=True, is_active=False), "cup")):
        start(orphan)
        assert orphan.state == "failed"
    assert not Term.objects.exists()


def test_columns_said_once_are_known_for_the_same_headers(editor: User) -> None:
    said = {"Wort": "name", "Sinn": "definition"}
    upload(editor, headers=sorted(said), columns=said)
    assert ImportRun.objects.columns_of(["Wort", "Sinn"]) == said
    assert ImportRun.objects.columns_of(["Sinn", "Wort"]) == said
    assert ImportRun.objects.columns_of(["Wort"]) == {}
    csv = "Wort,Sinn,definition\nTasse,Ein Gefäß.,x\n".encode()
    run = upload(editor, content=csv, columns=said | {"definition": ""})
    ImportRun.objects.filter(pk=run.pk).update(format_name="csv")
    run.refresh_from_db()
    start(run)
    assert Term.objects.get().senses.get().definition == "Ein Gefäß."


def test_what_was_never_imported_is_forgotten(editor: User) -> None:
    make_term("cup")
    upload(editor, "cup"), upload(editor, "cup", state="queued")
    assert ImportRun.objects.forget_uploads(hours=24) == 0
    assert ImportRun.objects.forget_uploads(hours=-1) == 1


def test_only_one_carries_a_run_out(editor: User) -> None:
    run, other = upload(editor, "cup", state="queued"), connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [import_runs.LOCK, run.pk])
        carry_out_waiting()
        assert not Term.objects.exists()
    other.close()
    carry_out_waiting()
    assert Term.objects.exists()
