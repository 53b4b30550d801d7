"""An entry written is the entry that is read; what is wrong is told and changes nothing."""

import json
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terms.entry import Address, AliasText, Citation, Entry, Link, SenseText, entry_of, says
from terms.entry_json import from_json, to_json
from terms.models import Alias, Example, Relation, Sense, Source, Term
from terms.writing import Refused, write
from tests.entries import ENTRIES
from tests.factories import make_alias, make_example, make_term, make_topic, relate

pytestmark = pytest.mark.django_db


def as_read(entry: Entry) -> Entry:
    """Without what the glossary adds of its own: keys and the address."""
    senses = [replace(sense, key="", sources=sorted(sense.sources)) for sense in entry.senses]
    return replace(entry, slug=entry.address.slug, senses=senses)


@given(entry=ENTRIES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_what_is_read(entry: Entry) -> None:
    Term.objects.all().delete()
    Source.objects.all().delete()
    term = write(entry)
    assert as_read(entry_of(term)) == as_read(entry)


@given(entry=ENTRIES, other=ENTRIES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_term_becomes_the_whole_of_another_entry(entry: Entry, other: Entry) -> None:
    Term.objects.all().delete()
    Source.objects.all().delete()
    term = write(entry)
    other = replace(other, slug=other.address.slug)
    write(other, term)
    read = entry_of(term)
    read.aliases = [alias for alias in read.aliases if alias.kind != "former"]
    assert as_read(read) == as_read(other)


FIELDS = ["name", "senses", "aliases", "status", "is_linked"]


@given(entry=ENTRIES, other=ENTRIES, kept=st.sets(st.sampled_from(FIELDS), min_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_says_the_same_is_what_would_change_nothing(
    entry: Entry, other: Entry, kept: set[str]
) -> None:
    Term.objects.all().delete()
    Source.objects.all().delete()
    term = write(entry)
    before, version = entry_of(term), Term.objects.get().version
    others = {name: getattr(other, name) for name in FIELDS if name not in kept}
    changed = replace(entry, slug=entry.address.slug, **others)
    write(changed, Term.objects.get())
    assert says(before, changed) == (Term.objects.get().version == version)


def whole() -> Entry:
    """A term with all that an entry can have, and what is read of it."""
    broader, other = make_term("thing"), make_term("object")
    term = make_term("cup", "A small vessel.", status="deprecated", replaced_by=other)
    sense = term.senses.get()
    make_example(sense, "A cup of tea.", source="A book")
    sense.topics.add(make_topic("tableware"))
    sense.sources.add(Source.objects.create(title="A source", url="https://example.org"))
    make_alias(term, "mug")
    make_alias(term, "old cup", kind="former")
    relate(term, broader, "broader")
    relate(other, term, "related", provenance="suggestion", score=0.7, model="a model")
    return entry_of(term)


def test_writing_the_same_changes_nothing() -> None:
    entry = whole()
    term = Term.objects.get(slug="cup")
    write(entry, term)
    assert Term.objects.get(pk=term.pk).version == term.version
    assert entry_of(term) == entry
    assert entry.replaced_by == Address("en", "object")
    assert {(link.kind, link.slug) for link in entry.relations} == {
        ("broader", "thing"),
        ("related", "object"),
    }


def test_a_term_that_was_deleted_comes_back_as_it_was() -> None:
    entry = whole()
    Term.objects.get(slug="cup").delete()
    assert entry_of(write(entry)) == entry


def test_a_narrower_term_is_a_broader_one_read_from_the_other_end() -> None:
    vessel = make_term("vessel")
    cup = write(Entry("cup", senses=[SenseText("A cup.")], relations=[Link("broader", "vessel")]))
    assert [link.kind for link in entry_of(vessel).relations] == ["narrower"]
    entry = replace(entry_of(vessel), relations=[])
    write(entry, vessel)
    assert not Relation.objects.exists()
    write(replace(entry, relations=[Link("narrower", "cup")]), vessel)
    assert Relation.objects.get().from_term == cup


def test_what_is_said_otherwise_but_means_the_same_says_the_same() -> None:
    stored = whole()
    sense = replace(stored.senses[0], key="", topics=["Tableware"])
    entry = replace(stored, senses=[sense])
    assert says(stored, entry)
    assert says(stored, replace(entry, aliases=[AliasText("synonym", "mug")]))  # one is former
    assert not says(stored, replace(entry, aliases=[*entry.aliases, *entry.aliases]))
    assert not says(stored, replace(entry, aliases=entry.aliases[::-1]))
    assert not says(stored, replace(entry, relations=entry.relations[:1]))
    assert not says(stored, replace(entry, replaced_by=None))


def test_senses_keep_their_keys_when_they_change_places() -> None:
    term = make_term("bank", "A side of a river.")
    first = term.senses.get()
    write(
        Entry("bank", "bank", senses=[SenseText("A house of money."), SenseText(first.definition)]),
        term,
    )
    assert [sense.key == first.key for sense in term.senses.all()] == [False, True]
    texts = [SenseText(first.definition + "!", key=first.key)]
    write(Entry("bank", "bank", senses=texts), term)
    assert term.senses.get().pk == first.pk


def test_only_the_rows_that_differ_are_written() -> None:
    term = make_term("cup", "A small vessel.")
    example = make_example(term.senses.get(), "A cup of tea.")
    second = make_example(term.senses.get(), "Another cup.")
    entry = entry_of(term)
    entry.senses[0].examples[1] = ("A cup of coffee.", "")
    write(entry, term)
    second.refresh_from_db()
    assert second.text == "A cup of coffee."
    assert Example.pgh_event_model.objects.filter(pgh_obj=example).count() == 1  # type: ignore[attr-defined]
    assert Sense.pgh_event_model.objects.filter(term=term).count() == 1  # type: ignore[attr-defined]


def test_all_that_is_wrong_is_told_by_its_path_and_nothing_is_changed() -> None:
    term = make_term("cup", "A small vessel.")
    before = entry_of(term)
    with pytest.raises(Refused) as refused:
        write(
            Entry(
                "",
                "cup",
                status="nonsense",
                senses=[
                    SenseText("", examples=[("A cup.", ""), ("", "")], topics=["unknown"]),
                    SenseText("Good.", part_of_speech="x" * 50, sources=[Citation("a", "no url")]),
                ],
                aliases=[AliasText("synonym", "mug"), AliasText("spelling", "Mug")],
            ),
            term,
        )
    assert set(refused.value.errors) == {
        "name",
        "status",
        "senses[0].definition",
        "senses[0].examples[1].text",
        "senses[0].topics[0]",
        "senses[1].part_of_speech",
        "senses[1].sources[0].url",
        "aliases[1].name",
    }
    assert entry_of(Term.objects.get(slug="cup")) == before


def test_relations_and_successors_lead_somewhere() -> None:
    term = make_term("cup", "A small vessel.")
    entry = replace(
        entry_of(term),
        relations=[Link("related", "nothing"), Link("related", "cup")],
        status="deprecated",
        replaced_by=Address("en", "nothing"),
    )
    with pytest.raises(Refused) as refused:
        write(entry, term)
    assert set(refused.value.errors) == {"relations[0].term", "relations[1].term", "replaced_by"}
    term.refresh_from_db()
    assert term.status == "published"


def test_an_address_or_a_key_that_is_taken_is_refused() -> None:
    other = make_term("cup")
    key = other.senses.get().key
    with pytest.raises(Refused) as refused:
        write(Entry("Cup", "cup", senses=[SenseText("A vessel.", key=key)]))
    assert set(refused.value.errors) == {"", "senses[0].key"}


def test_a_public_term_has_a_sense() -> None:
    with pytest.raises(Refused, match="one sense or more"):
        write(Entry("cup", senses=[]))
    assert write(Entry("cup", senses=[], status="draft")).senses.count() == 0


def test_topics_are_found_by_slug_or_name_or_made_when_asked() -> None:
    topic = make_topic("Table ware")
    entry = Entry("cup", senses=[SenseText("A vessel.", topics=["Table ware", "Vessels"])])
    with pytest.raises(Refused, match="Vessels"):
        write(entry)
    term = write(entry, make_topics=True)
    assert [each.slug for each in term.senses.get().topics.all()] == [topic.slug, "vessels"]


def test_former_addresses_stay() -> None:
    term = make_term("cup")
    write(replace(entry_of(term), slug="mug"), term)
    write(replace(entry_of(term), aliases=[]), term)
    assert Alias.objects.get(term=term).slug == "cup"


@given(entry=ENTRIES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_json_is_another_form_of_the_same(entry: Entry) -> None:
    assert from_json(json.loads(json.dumps(to_json(entry)))) == entry


def test_json_of_a_whole_term_is_read_again() -> None:
    entry = whole()
    read = from_json(to_json(entry))
    write(read, Term.objects.get(slug="cup"))
    assert entry_of(Term.objects.get(slug="cup")) == entry


def test_what_json_lacks_or_has_wrong_is_told_by_its_path() -> None:
    with pytest.raises(Refused) as refused:
        from_json(
            {
                "senses": [{"definition": "Good."}, {"topics": [7, {}], "key": "!"}],
                "relations": [{"kind": "friend", "term": "cup"}],
                "aliases": "mug",
            }
        )
    assert set(refused.value.errors) == {
        "name",
        "senses[1].definition",
        "senses[1].key",
        "senses[1].topics[1]",
        "relations[0].kind",
        "relations[0].term",
        "aliases",
    }


def test_a_trigger_is_no_error_that_is_caught() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')")
        assert cursor.fetchone() == ("{}",)
