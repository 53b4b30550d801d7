"""Whatever two sides do to an entry: what one alone changed is taken, nothing else asked."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from terms.entry import AliasText, Entry, SenseText
from terms.merging import MINE, THEIRS, merge

WORDS = st.sampled_from(["a", "b", "c"])
SETS = st.lists(WORDS, unique=True, max_size=3)
SENSES = st.lists(
    st.builds(
        SenseText, definition=WORDS, part_of_speech=WORDS, topics=SETS, key=st.sampled_from("klmno")
    ),
    unique_by=lambda sense: sense.key,
    max_size=4,
)
KINDS = st.sampled_from(["synonym", "spelling"])
ALIASES = st.lists(st.builds(AliasText, KINDS, WORDS), unique_by=lambda alias: alias.name)
ENTRIES = st.builds(Entry, name=WORDS, senses=SENSES, aliases=ALIASES)
ONE = SenseText("one", key="k", examples=[("an example", "")], topics=["maps"])
TWO = SenseText("two", key="l")


def of(*senses: SenseText, name: str = "term") -> Entry:
    return Entry(name, senses=[*senses])


@given(ENTRIES, ENTRIES)
def test_what_one_side_alone_changed_is_taken_whole(base: Entry, changed: Entry) -> None:
    for both in (merge(base, changed, base), merge(base, base, changed)):
        assert both.conflicts == []
        assert both.entry.name == changed.name
        assert both.entry.senses == changed.senses
        assert both.entry.aliases == changed.aliases


@given(ENTRIES, ENTRIES, ENTRIES)
def test_every_choice_of_a_side_settles_what_was_asked(
    base: Entry, mine: Entry, theirs: Entry
) -> None:
    asked = merge(base, mine, theirs).conflicts
    for side in (MINE, THEIRS):
        choices = {conflict.path: side for conflict in asked}
        settled = merge(base, mine, theirs, choices)
        assert settled.conflicts == []
        assert settled.entry == merge(base, mine, theirs, otherwise=side).entry


def test_fields_of_one_sense_are_merged_apart() -> None:
    mine = replace(ONE, definition="won")
    theirs = replace(ONE, examples=[("another", "")], topics=["maps", "sea"])
    both = merge(of(ONE), of(mine), of(theirs))
    assert both.conflicts == []
    assert both.entry.senses == [replace(theirs, definition="won")]


def test_what_both_changed_is_asked_with_its_place() -> None:
    mine, theirs = replace(TWO, definition="to"), replace(TWO, definition="too")
    both = merge(of(ONE, TWO), of(ONE, mine), of(ONE, theirs))
    [conflict] = both.conflicts
    assert (conflict.path, conflict.sense) == ("senses[l].definition", 2)
    assert (conflict.mine, conflict.theirs) == ("to", "too")
    assert both.entry.senses == [ONE, theirs]


def test_the_same_change_on_both_sides_is_no_question() -> None:
    same = replace(ONE, definition="won")
    assert merge(of(ONE), of(same), of(same)).conflicts == []


def test_a_sense_taken_away_while_it_was_changed_is_asked() -> None:
    changed = replace(TWO, definition="too")
    gone, kept = of(ONE), of(ONE, changed)
    [conflict] = merge(of(ONE, TWO), kept, gone).conflicts
    assert (conflict.field, conflict.theirs) == ("sense", None)
    assert merge(of(ONE, TWO), gone, kept, {conflict.path: MINE}).entry.senses == [ONE]
    assert merge(of(ONE, TWO), gone, kept, {conflict.path: THEIRS}).entry.senses == [ONE, changed]


def test_new_senses_of_both_sides_stay() -> None:
    mine, theirs = SenseText("mine"), SenseText("theirs", key="n")
    assert merge(of(ONE), of(ONE, mine), of(ONE, theirs)).entry.senses == [ONE, mine, theirs]


def test_without_a_base_whatever_differs_is_asked() -> None:
    mine, theirs = of(ONE, name="a"), of(replace(ONE, definition="won"), name="b")
    asked = merge(Entry(""), mine, theirs).conflicts
    assert [conflict.path for conflict in asked] == ["name", "senses[k].definition"]


def named(*names: str, kind: str = "synonym") -> Entry:
    return Entry("term", aliases=[AliasText(kind, name) for name in names])


def test_the_same_alias_added_by_both_is_there_once_and_nothing_is_asked() -> None:
    both = merge(named("a"), named("a", "new"), named("a", "new", "other"))
    assert both.conflicts == []
    assert both.entry.aliases == named("a", "new", "other").aliases


def test_an_alias_added_by_both_as_different_kinds_is_asked() -> None:
    theirs = named("new", kind="spelling")
    asked = merge(named(), named("new"), theirs)
    assert [conflict.path for conflict in asked.conflicts] == ["aliases[new]"]
    assert asked.entry.aliases == theirs.aliases
    settled = merge(named(), named("new"), theirs, {"aliases[new]": MINE})
    assert settled.entry.aliases == named("new").aliases


def test_aliases_stand_as_the_side_has_them_that_moved_some() -> None:
    both = merge(named("a", "b"), named("b", "a"), named("a", "b", "c"))
    assert both.entry.aliases == named("b", "a", "c").aliases
