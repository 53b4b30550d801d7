"""What a file adds to a term is added; what it does not speak of stays."""

from dataclasses import replace

from hypothesis import given

from terms.completing import enlarged, is_kept, places
from terms.entry import AliasText, Citation, Entry, Link, SenseText, says
from tests.entries import ENTRIES

URL = "https://dictionary.example.com/en/define/cup"
VESSEL = SenseText("A vessel.", [("A cup of tea.", "A novel")], "noun", topics=["ware"], key="k1")
PRIZE = SenseText("A prize.", sources=[Citation("There", URL)], key="k2")
CUP = Entry("cup", "cup", senses=[VESSEL, PRIZE], aliases=[AliasText("synonym", "mug")])


def cup(*senses: SenseText, **fields: object) -> Entry:
    return Entry("Cup", "cup", senses=list(senses), **fields)  # type: ignore[arg-type]


def said(entry: Entry) -> list[str]:
    return [sense.definition for sense in entry.senses]


@given(ENTRIES)
def test_what_says_nothing_new_changes_nothing(entry: Entry) -> None:
    assert says(entry, enlarged(entry, entry))
    assert says(entry, enlarged(entry, replace(entry, senses=[], aliases=[], relations=[])))


def distinct(entry: Entry) -> Entry:
    """No two senses in the same words, by which they are known again."""
    senses = {sense.definition: sense for sense in entry.senses}
    return replace(entry, senses=list(senses.values()))


@given(ENTRIES.map(distinct), ENTRIES.map(distinct))
def test_what_is_added_twice_is_there_once(entry: Entry, other: Entry) -> None:
    for reword in (False, True):
        once = enlarged(entry, other, reword=reword)
        assert enlarged(once, other, reword=reword) == once


def test_senses_names_and_relations_come_and_all_else_stays() -> None:
    other = cup(
        SenseText("A vessel."),
        SenseText("A hollow."),
        aliases=[AliasText("synonym", "MUG"), AliasText("synonym", "beaker")],
        relations=[Link("broader", "vessel")],
        status="draft",
    )
    added = enlarged(CUP, other)
    assert (added.name, added.status) == ("cup", "published")
    assert added.senses == [VESSEL, PRIZE, SenseText("A hollow.")]
    assert [alias.name for alias in added.aliases] == ["mug", "beaker"]
    assert [link.name for link in added.relations] == ["vessel"]
    assert enlarged(added, other) == added


def test_a_relation_that_is_there_and_a_former_address_are_not_said_again() -> None:
    stored = replace(
        CUP,
        aliases=[AliasText("former", "Old cup")],
        relations=[Link("broader", "Vessel", "en", "vessel")],
    )
    added = enlarged(stored, cup(relations=[Link("broader", "vessel")], aliases=stored.aliases))
    assert (added.aliases, added.relations) == ([], stored.relations)


def test_a_sense_is_known_by_its_key_its_sources_address_or_its_text() -> None:
    for text in (
        SenseText("Other.", key="k2"),
        SenseText("Other.", sources=[Citation("Here", URL)]),
        SenseText("A prize."),
    ):
        assert places(CUP.senses, [text]) == [1]
    assert places(CUP.senses, [SenseText("Other.", sources=[Citation("There")])]) == [None]


def test_two_senses_of_one_source_are_two() -> None:
    texts = [SenseText("A trophy.", sources=PRIZE.sources), replace(PRIZE, key="")]
    assert places(CUP.senses, texts) == [None, 1]


def test_a_sense_that_is_known_is_kept_or_reworded() -> None:
    other = cup(SenseText("A trophy.", sources=[Citation("Here", URL)]))
    assert said(enlarged(CUP, other)) == ["A vessel.", "A prize."]
    assert is_kept(CUP, other)
    assert not is_kept(CUP, cup(SenseText("A prize."), SenseText("A hollow.")))
    reworded = enlarged(CUP, other, reword=True)
    assert said(reworded) == ["A vessel.", "A trophy."]
    assert reworded.senses[1].sources == [Citation("There", URL), Citation("Here", URL)]


def test_a_reworded_sense_keeps_what_the_file_leaves_out() -> None:
    [sense, _] = enlarged(
        CUP, cup(SenseText("A small vessel.", [("A cup of tea.", "")])), reword=True
    ).senses
    assert sense == replace(VESSEL, definition="A small vessel.")


def test_no_sense_takes_the_place_of_one_that_the_file_has_too() -> None:
    swapped = enlarged(CUP, cup(SenseText("A hollow."), SenseText("A vessel.")), reword=True)
    assert said(swapped) == ["A vessel.", "A prize.", "A hollow."]
