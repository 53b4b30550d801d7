"""An editor uploads a file, names its columns, sees each row, imports, and takes it back."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from terms import import_runs
from terms.admin import imports
from terms.entry import entries_of
from terms.formats.upload import Upload
from terms.import_runs import LOCK
from terms.models import Bundle, ImportRun, Term, Topic
from tests.factories import make_editor, make_term

pytestmark = pytest.mark.django_db(transaction=True)
IMPORTS = "/admin/terms/importrun/"
BUNDLE = Path(__file__).parent.parent / "fixtures" / "bundle.txt"


@pytest.fixture
def editor() -> User:
    return make_editor(whole=True)


@pytest.fixture
def desk(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


def send(desk: Client, content: str, name: str = "words.csv", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, content.encode())
    data = {"file": file, "format": "", "on_conflict": "update"} | fields
    return desk.post(f"{IMPORTS}add/", data)


def uploaded(desk: Client, content: str, **fields: Any) -> ImportRun:
    assert send(desk, content, **fields).status_code == 302
    return ImportRun.objects.latest("id")


def page(desk: Client, run: ImportRun, query: str = "") -> str:
    answer = desk.get(f"{IMPORTS}{run.pk}/change/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_each_row_then_imports_and_takes_it_back(desk: Client) -> None:
    cup = make_term("cup", "A small vessel.")
    run = uploaded(
        desk, "name,status,definition\ncup,published,A small prize.\nplate,draft,Flat.\n"
    )
    shown = page(desk, run)
    assert "<del>vessel.</del> <ins>prize.</ins>" in shown.replace("</del>  <ins>", "</del> <ins>")
    assert "1 changed, 1 new" in shown
    assert Term.objects.count() == 1
    desk.post(f"{IMPORTS}{run.pk}/start/")
    assert cup.senses.get().definition == "A small prize."
    assert "1 added, 1 updated" in page(desk, run)
    desk.post(f"{IMPORTS}{run.pk}/undo/")
    assert cup.senses.get().definition == "A small vessel."
    assert Term.objects.count() == 1
    assert "Undone by" in page(desk, run)
    assert (
        "only what is done" in desk.post(f"{IMPORTS}{run.pk}/undo/", follow=True).content.decode()
    )


def test_columns_are_named_once_for_the_same_headers(desk: Client) -> None:
    csv = "Wort;Sinn\nTasse;Ein Gefäß.\n"
    run = uploaded(desk, csv)
    assert "no column is “name”" in page(desk, run)
    chosen = {"on_conflict": "skip", "column_0": "name", "column_1": "definition"}
    desk.post(f"{IMPORTS}{run.pk}/columns/", chosen)
    assert "1 new" in page(desk, run)
    again = uploaded(desk, "Sinn;Wort\nFlach.;Teller\n")
    assert "1 new" in page(desk, again)
    desk.post(f"{IMPORTS}{again.pk}/columns/", {"on_conflict": "skip", "column_0": "nonsense"})
    again.refresh_from_db()
    assert again.columns == run_columns(run)


def run_columns(run: ImportRun) -> dict[str, str]:
    run.refresh_from_db()
    return dict(run.columns)


def test_what_is_wrong_is_told_with_line_column_and_remedy(desk: Client) -> None:
    run = uploaded(desk, "name,definition,aliases\ncup,,a :: b :: c :: d\n")
    assert "line 2, column “aliases”: a value has 4 parts, not 3. Write “" in page(desk, run)
    desk.post(f"{IMPORTS}{run.pk}/start/")
    run.refresh_from_db()
    assert run.state == "failed"
    assert "Nothing was imported" in page(desk, run)


def test_a_file_that_cannot_be_read_or_is_too_big_is_refused(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "choose it" in send(desk, "?", name="a.txt").content.decode()
    assert "no workbook" in send(desk, "?", name="a.xlsx").content.decode().replace(
        "the archive cannot be read", "no workbook"
    )
    monkeypatch.setattr(imports, "MAX_UPLOAD", 3)
    assert "more than 3" in send(desk, "name\n").content.decode()
    assert not ImportRun.objects.exists()


def test_long_files_are_looked_at_a_page_at_a_time(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PAGE", 2)
    run = uploaded(desk, "name\n" + "".join(f"term {n}\n" for n in range(5)))
    assert "More rows" in page(desk, run)
    last = page(desk, run, "?p=3")
    assert "term 4" in last
    assert "term 3" not in last
    for odd in ("?p=0", "?p=-1", "?p=x", "?p=99999", "?p=999999999999"):
        page(desk, run, odd)


def test_an_import_is_its_uploaders_until_it_is_done(desk: Client) -> None:
    run, other = uploaded(desk, "name\ncup\n"), Client()
    other.force_login(make_editor(whole=True))
    for step in ("columns", "start", "cancel"):
        assert other.post(f"{IMPORTS}{run.pk}/{step}/").status_code == 403
    assert "cup" not in page(other, run).replace("cups", "")
    desk.post(f"{IMPORTS}{run.pk}/start/")
    other.post(f"{IMPORTS}{run.pk}/undo/")
    assert not Term.objects.exists()


def test_who_starts_twice_is_told_that_it_is_under_way(desk: Client) -> None:
    run, elsewhere = uploaded(desk, "name\ncup\n"), connection.copy()
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, run.pk])
        answer = desk.post(f"{IMPORTS}{run.pk}/start/", follow=True)
    elsewhere.close()
    assert "It is being imported just now" in answer.content.decode()
    assert not Term.objects.exists()


def test_a_bundle_is_known_by_its_content_seen_imported_and_taken_back(desk: Client) -> None:
    term = make_term("contour line", "The outline of a figure.")
    run = uploaded(desk, BUNDLE.read_text(), name="page.txt", on_conflict="")
    assert (run.format_name, run.on_conflict) == ("bundle", "add-sense")
    shown = page(desk, run)
    assert "1 new, 1 changed" in shown
    assert "They form the bundle “Maps and Their Makers, in Six Minutes”" in shown
    assert "<ins>A contour line joins places of the same height.</ins>" in shown
    assert not Bundle.objects.exists()
    desk.post(f"{IMPORTS}{run.pk}/start/")
    bundle = Bundle.objects.get()
    assert bundle.entries.get(term=term).sense == term.senses.last()
    assert f"/admin/terms/bundle/{bundle.pk}/change/" in page(desk, run)
    answer = desk.post(f"{IMPORTS}{run.pk}/undo/", follow=True).content.decode()
    assert "1 term deleted, 1 as before, 1 bundle taken back" in answer
    assert term.senses.get().definition == "The outline of a figure."
    assert not Bundle.objects.exists()


def test_what_is_to_become_of_its_terms_may_be_chosen(desk: Client) -> None:
    term = make_term("contour line", "The outline of a figure.")
    run = uploaded(desk, BUNDLE.read_text(), on_conflict="skip", name="page.txt")
    assert "1 new, 1 left as it is" in page(desk, run)
    desk.post(f"{IMPORTS}{run.pk}/columns/", {"on_conflict": "update"})
    assert "1 new, 1 changed" in page(desk, run)
    desk.post(f"{IMPORTS}{run.pk}/start/")
    assert term.senses.get().definition == "A contour line joins places of the same height."


def test_markdown_makes_its_topic_for_those_who_may(desk: Client) -> None:
    text = "# Maps\n\nOf paper.\n\n## scale\n\nA proportion.\n"
    assert "There is no topic “Maps”" in page(desk, uploaded(desk, text, name="maps.md"))
    desk.force_login(User.objects.create_superuser("root"))
    run = uploaded(desk, text, name="maps.md")
    assert "New senses are in the topic “Maps”" in page(desk, run)
    assert not Topic.objects.exists()
    desk.post(f"{IMPORTS}{run.pk}/start/")
    assert Term.objects.get().senses.get().topics.get().description == "Of paper."
    desk.post(f"{IMPORTS}{run.pk}/undo/")
    assert not Topic.objects.exists()


def test_what_is_wrong_with_a_bundle_is_told_with_line_and_remedy(desk: Client) -> None:
    text = BUNDLE.read_text().replace("Dictionary: https://dictionary.example.com/en/define/c", "")
    told = send(desk, text, name="page.txt", on_conflict="").content.decode()
    assert "line 22: the entry “Contour line” has no “Dictionary:” line. Add “" in told
    assert not ImportRun.objects.exists()


def test_a_bundle_takes_the_right_to_make_one(desk: Client, editor: User) -> None:
    editor.groups.get().permissions.remove(Permission.objects.get(codename="add_bundle"))
    run = uploaded(desk, BUNDLE.read_text(), name="page.txt")
    assert "You may not make the bundle" in page(desk, run)
    desk.post(f"{IMPORTS}{run.pk}/start/")
    run.refresh_from_db()
    assert run.state == "failed"
    assert not Term.objects.exists()


def test_a_big_bundle_is_imported_by_the_worker(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "AT_ONCE", 10)
    monkeypatch.setattr(import_runs, "ring", lambda: None)
    run = uploaded(desk, BUNDLE.read_text(), name="page.txt", on_conflict="")
    desk.post(f"{IMPORTS}{run.pk}/start/")
    assert not Bundle.objects.exists()
    import_runs.carry_out_waiting()
    assert Bundle.objects.get().entries.count() == 2
    desk.post(f"{IMPORTS}{run.pk}/undo/")
    assert not Bundle.objects.exists()


def test_a_cancelled_upload_is_gone(desk: Client) -> None:
    run = uploaded(desk, "name\ncup\n")
    desk.post(f"{IMPORTS}{run.pk}/cancel/")
    run.refresh_from_db()
    assert (run.state, run.content) == ("cancelled", None)
    desk.post(f"{IMPORTS}{run.pk}/start/")
    assert not Term.objects.exists()


def test_new_rows_tell_which_term_may_mean_the_same(desk: Client, space: Any) -> None:
    from embeddings.encoders import load
    from embeddings.pipeline import work_off

    make_term("cup", "A small vessel with a handle, for hot drinks.")
    list(work_off(space, load(space.encoder)))
    run = uploaded(desk, "name,definition\nmug,A small vessel with a handle, for hot drinks.\n"
                   .replace("handle, for", "handle; for"))  # fmt: skip
    Term.objects.update(is_linked=True)
    assert "“cup” may mean the same" in page(desk, run)


EXPORT = "/admin/terms/term/export/"


@pytest.mark.parametrize("name", ["csv", "xlsx", "jsonl", "yaml", "folder"])
def test_the_list_is_exported_as_it_is_filtered(desk: Client, name: str) -> None:
    make_term("=1+1")
    make_term("plate", status="draft")
    answer = desk.get(f"{EXPORT}?status__exact=published&as={name}")
    content = b"".join(answer)
    assert "attachment" in answer["Content-Disposition"]
    [read] = Upload(content, name, {}).read()
    assert [read] == list(entries_of(Term.objects.filter(status="published")))


def test_chosen_terms_are_exported_by_an_action(desk: Client) -> None:
    cup, _ = make_term("cup"), make_term("plate")
    chosen = {"action": "export_chosen", "_selected_action": [cup.pk]}
    answer = desk.post("/admin/terms/term/", chosen)
    assert "Export 1 term" in desk.get(answer["Location"]).content.decode()
    every = desk.post("/admin/terms/term/?q=plate", chosen | {"select_across": "1"})
    assert "Export 1 term" in desk.get(every["Location"]).content.decode()
    content = io.BytesIO(b"".join(desk.get(f"{answer['Location']}&as=csv")))
    assert b"cup" in content.getvalue()


@pytest.mark.parametrize("query", ["as=exe", "no_such_field=1&as=csv", "status__exact=x&id__in=y"])
def test_what_cannot_be_exported_is_refused(desk: Client, query: str) -> None:
    assert desk.get(f"{EXPORT}?{query}").status_code == 400
