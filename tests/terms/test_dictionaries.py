"""Whole dictionaries: WordNet's database and DICT servers' files, read and written as streams."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from terms import dictionaries
from terms.dictionaries import Dictionary, write
from terms.entry import Link
from terms.formats import FormatError, dictd, wordnet
from terms.importing import OnConflict
from terms.models import Relation, Source, Term
from tests.factories import make_term

NOUNS = [
    # words, pointers by (symbol, place in this list, words), gloss
    (["vessel"], [("~", 1, "0000")], 'a thing that holds a liquid; "fill the vessel"'),
    (
        ["Mug", "tea_mug"],
        [("@", 0, "0000"), ("+", 2, "0101")],
        "a vessel one drinks from (`warm' drinks, mostly)",
    ),
    (["mug"], [], 'the face of a person; "an ugly mug"; "his mug"'),
]


def write_wordnet(folder: Path) -> Path:
    """A database of three synsets, in the format of wndb(5WN)."""
    licence = "  1 A licence that begins with two spaces.\n"
    heads = ["{:08d} 03 n {:02x} " for _ in NOUNS]
    texts = []
    for words, pointers, gloss in NOUNS:
        named = " ".join(f"{word} 0" for word in words)
        links = "".join(f" {symbol} {{{place}:08d}} n {ends}" for symbol, place, ends in pointers)
        texts.append(f"{named} {len(pointers):03d}{links} | {gloss}  \n")
    offsets, at = [], len(licence)
    for text in texts:
        offsets.append(at)
        at += len(heads[0].format(0, 0)) + len(text.format(*[0] * len(NOUNS)))
    lines = [
        head.format(offset, len(words)) + text.format(*offsets)
        for head, offset, (words, _, _), text in zip(heads, offsets, NOUNS, texts, strict=True)
    ]
    places: dict[str, list[int]] = {}
    for offset, (words, _, _) in zip(offsets, NOUNS, strict=True):
        for word in words:
            places.setdefault(word.lower(), []).append(offset)
    index = [
        f"{lemma} n {len(found)} 1 @ {len(found)} 0 " + " ".join(f"{o:08d}" for o in found) + "  \n"
        for lemma, found in sorted(places.items())
    ]
    folder.mkdir(exist_ok=True)
    (folder / "data.noun").write_text(licence + "".join(lines))
    (folder / "index.noun").write_text(licence + "".join(index))
    for part in ("verb", "adj", "adv"):
        (folder / f"data.{part}").write_text(licence)
        (folder / f"index.{part}").write_text(licence)
    return folder


ARTICLES = {
    "about": "This is about the dictionary itself.\n",
    "widget": (
        "Widget\ngadget thing\n\n   1. <tools, humour> A small {thing} that\n   nobody names.\n\n"
        "   2. <interface> Part of a {window (http://example.org/)},\n   drawn by x*y.\n\n"
        "   (1999-01-02)\n\n"
    ),
    "window": "window\n\n   A frame on a screen.  See {widget}.\n\n",
}


def write_dictd(folder: Path, articles: dict[str, str] = ARTICLES) -> Path:
    data, lines = b"", []
    words = {"about": ["00-database-info"], "widget": ["widget", "wodget"]}
    for name, article in articles.items():
        place = f"{base_64(len(data))}\t{base_64(len(article.encode()))}"
        lines += [f"{word}\t{place}\n" for word in words.get(name, [name])]
        data += article.encode()
    (folder / "small.dict.dz").write_bytes(gzip.compress(data))
    (folder / "small.index").write_text("".join(sorted(lines)))
    return folder / "small.dict.dz"


def base_64(value: int) -> str:
    digits = dictd.DIGITS[value % 64]
    while value := value // 64:
        digits = dictd.DIGITS[value % 64] + digits
    return digits


def imported(path: Path, *, on_conflict: OnConflict = OnConflict.SKIP) -> Any:
    dictionary = Dictionary.found(path)
    assert dictionary
    return write(dictionary, on_conflict, reason="a test", advance=lambda count: None)


def test_it_reads_wordnet(tmp_path: Path) -> None:
    folder = write_wordnet(tmp_path / "wordnet")
    assert wordnet.count(folder) == 3
    mug, tea_mug, vessel = wordnet.entries(folder)
    assert (mug.name, mug.slug) == ("Mug", "mug")
    assert [sense.definition for sense in mug.senses] == [
        "a vessel one drinks from (‘warm’ drinks, mostly)",
        "the face of a person",
    ]
    assert [text for text, _ in mug.senses[1].examples] == ["an ugly mug", "his mug"]
    assert {(link.kind, link.name) for link in mug.relations} == {
        ("see_also", "tea mug"),
        ("broader", "vessel"),
    }
    assert tea_mug.name == "tea mug"
    assert vessel.senses[0].part_of_speech == "noun"
    assert vessel.relations == []


def test_it_reads_a_dictionary_of_a_dict_server(tmp_path: Path) -> None:
    path = write_dictd(tmp_path)
    assert dictd.count(path) == 2
    widget, window = dictd.entries(path)
    assert (widget.name, widget.slug) == ("Widget", "widget")
    assert sorted(alias.name for alias in widget.aliases) == ["gadget thing", "wodget"]
    assert [sense.register for sense in widget.senses] == ["tools, humour", "interface"]
    assert widget.senses[0].definition == "A small thing that nobody names."
    assert widget.senses[1].definition == "Part of a window (http://example.org/), drawn by x\\*y."
    assert [link.name for link in widget.relations] == ["thing", "window"]
    assert window.relations == [Link("see_also", "widget")]


@pytest.mark.django_db
def test_it_imports_wordnet_and_again_without_any_change(tmp_path: Path) -> None:
    folder = write_wordnet(tmp_path / "wordnet")
    done = imported(folder)
    assert (done["terms added"], done["senses added"], done["relations"]) == (3, 4, 3)
    mug = Term.objects.published().get(slug="mug")
    assert [sense.position for sense in mug.senses.all()] == [1, 2]
    assert [source.title[:7] for source in mug.senses.all()[0].sources.all()] == ["WordNet"]
    kinds = Relation.objects.of(mug).values_list("kind", "provenance")
    assert set(kinds) == {("see_also", "import"), ("broader", "import")}
    again = imported(folder)
    assert (again["terms added"], again["terms met"], again["senses added"]) == (0, 3, 0)
    assert Relation.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionaries, "PART", 1)
    folder = write_wordnet(tmp_path / "wordnet")
    dictionary = Dictionary(folder, "wordnet")
    written = []

    def killed(count: int) -> None:
        written.append(count)
        if len(written) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(dictionary, OnConflict.SKIP, reason="a test", advance=killed)
    assert Term.objects.count() == 2
    assert imported(folder)["terms added"] == 1
    assert Relation.objects.count() == 3


@pytest.mark.django_db
def test_it_leaves_what_is_there_alone_or_adds_what_it_lacks(tmp_path: Path) -> None:
    mine = make_term("mug", "My own meaning.")
    folder = write_wordnet(tmp_path / "wordnet")
    assert imported(folder)["terms met"] == 1
    assert mine.senses.count() == 1
    imported(folder, on_conflict=OnConflict.ADD_SENSE)
    imported(folder, on_conflict=OnConflict.ADD_SENSE)
    assert [sense.position for sense in mine.senses.all()] == [1, 2, 3]


@pytest.mark.django_db
def test_it_adds_nothing_twice_to_names_that_differ_by_case(tmp_path: Path) -> None:
    one = write_dictd(
        tmp_path, {"Actor": "Actor\n\n   A language.\n", "actor": "actor\n\n   A part.\n"}
    )
    imported(one, on_conflict=OnConflict.ADD_SENSE)
    assert imported(one, on_conflict=OnConflict.ADD_SENSE)["senses added"] == 0
    assert Term.objects.filter(name__iexact="actor").count() == 2


@pytest.mark.django_db
def test_it_gives_an_address_of_its_own_to_each_name(tmp_path: Path) -> None:
    make_term("Mug!", slug="mug")
    imported(write_wordnet(tmp_path / "wordnet"))
    assert Term.objects.get(name="Mug").slug == "mug-2"


@pytest.mark.django_db
def test_it_imports_by_command_and_tells_what_it_would_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write_dictd(tmp_path))
    call_command("import_terms", path, "--dry-run")
    assert "Would be: 3 senses added, 2 terms added." in capsys.readouterr().out
    assert Term.objects.count() == 0
    call_command("import_terms", path)
    assert Term.objects.get(slug="widget").aliases.count() == 2
    assert Relation.objects.count() == 1


@pytest.mark.django_db
def test_it_is_taken_out_as_the_operators_page_says(tmp_path: Path) -> None:
    imported(write_dictd(tmp_path), on_conflict=OnConflict.ADD_SENSE)
    entry = Term.objects.earliest("pk")
    entry.senses.create(position=9, definition="Our own.")
    page = (settings.BASE_DIR / "docs" / "operator.md").read_text()
    _, _, after = page.partition("manage.py shell <<'END'\n")
    script, _, _ = after.partition("END\n")
    exec(script.replace("foldoc", "small"), {})
    assert list(Term.objects.all()) == [entry]
    assert entry.senses.get().definition == "Our own."
    assert not Source.objects.exists()


@pytest.mark.django_db
def test_it_refuses_what_is_no_dictionary(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"data\.noun: No such file"):
        list(wordnet.entries(tmp_path))
    with pytest.raises(FormatError, match="index"):
        dictd.count(tmp_path / "nothing.dict.dz")
    path = write_dictd(tmp_path)
    with pytest.raises(CommandError, match="skip or add-sense"):
        call_command("import_terms", str(path), "--on-conflict", "update")
    (tmp_path / "small.index").write_text("widget\tA\n")
    with pytest.raises(CommandError, match="line 1"):
        call_command("import_terms", str(path))
    (tmp_path / "small.index").write_text("widget\tA\tBA\n")
    path.write_bytes(b"no gzip at all")
    with pytest.raises(CommandError, match="again"):
        call_command("import_terms", str(path))
    broken = write_wordnet(tmp_path / "wordnet")
    data = (broken / "data.noun").read_text()
    (broken / "data.noun").write_text(data.replace(" n ", " ", 1))
    with pytest.raises(CommandError, match=r"data\.noun"):
        call_command("import_terms", str(broken))
    assert Term.objects.count() == 0
