"""Two senses are told apart by what their definitions do not share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.contrast import WORD, contrast, stems_of, unshared
from terms.models import Sense
from tests.factories import make_term


def sense(name: str, definition: str) -> Sense:
    return make_term(name, definition).senses.select_related("term").get()


@pytest.mark.django_db
def test_it_quotes_of_each_definition_what_the_other_does_not_say() -> None:
    fear = sense("fear", "An unpleasant emotion in the face of danger that is present.")
    dread = sense("dread", "An unpleasant emotion about something that is still to come.")
    found = contrast(fear, dread)
    assert found is not None
    assert (found.one_says, found.other_says) == (
        "face of danger that is present",
        "something that is still to come",
    )


@pytest.mark.django_db
def test_it_knows_the_forms_of_a_word() -> None:
    one = sense("tokeniser", "It splits texts into tokens by rules.")
    other = sense("segmenter", "A text is split into sentences.")
    found = contrast(one, other)
    assert found is not None
    assert (found.one_says, found.other_says) == ("tokens by rules", "sentences")


@pytest.mark.django_db
def test_it_says_nothing_of_definitions_that_say_the_same() -> None:
    assert contrast(sense("a", "A unit of text."), sense("b", "Units of texts.")) is None


@pytest.mark.django_db
def test_it_stems_in_the_language_of_the_words() -> None:
    assert stems_of("en", ["houses", "the"]) == {"houses": "hous", "the": ""}
    assert stems_of("xx", ["houses", "the"]) == {"houses": "houses", "the": "the"}


@given(st.text(max_size=200), st.sets(st.text(min_size=1, max_size=5)))
def test_it_quotes_the_definition_word_for_word(definition: str, shared: set[str]) -> None:
    stems = {word: word.lower() for word in WORD.findall(definition)}
    said = unshared(definition, stems, shared)
    assert said in definition
    assert not {stems[word] for word in WORD.findall(said)} & shared
