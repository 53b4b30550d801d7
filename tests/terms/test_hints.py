"""What a second reader remarks on the words of an entry."""

import pytest

from terms.entry import Entry, SenseText, entry_of
from terms.hints import Kind, hints_of
from terms.models import Miss
from terms.readability import ease
from tests.factories import make_alias, make_term

pytestmark = pytest.mark.django_db


def entry(name: str, *definitions: str, language: str = "en") -> Entry:
    return Entry(name, language=language, senses=[SenseText(text) for text in definitions])


def kinds(entry: Entry, **options: bool) -> list[Kind]:
    return [hint.kind for hint in hints_of(entry, **options)]


def test_it_has_nothing_to_say_of_a_plain_definition() -> None:
    assert kinds(entry("token", "A small piece of text that a model reads at once.")) == []


@pytest.mark.parametrize(
    ("definition", "is_circular"),
    [
        ("A list of tokens.", True),
        ("A list of token embeddings.", False),
        ("The smallest token there is.", True),
        ("A token is a piece of text.", False),
        ("What a tokenizer makes. A token is short.", False),
    ],
)
def test_it_tells_a_definition_that_names_its_own_headword(
    definition: str, is_circular: bool
) -> None:
    make_term("token embedding", "A vector.")
    assert (Kind.CIRCULAR in kinds(entry("token", definition))) == is_circular


def test_it_tells_terms_that_are_defined_by_each_other_alone() -> None:
    make_term("hypernym", "What is above a hyponym.")
    make_term("word", "Letters between two spaces.")
    [hint] = hints_of(entry("hyponym", "What is below a hypernym."))
    assert hint.sentence == "This definition rests on “hypernym”, which rests on it."
    assert kinds(entry("hyponym", "A word for what is below a hypernym.")) == []


def test_it_tells_what_is_too_long_and_where() -> None:
    found = hints_of(entry("token", "Short.", " ".join(["word"] * 201)))
    [first, second] = [hint for hint in found if hint.kind == Kind.LONG]
    assert {first.path, second.path} == {"senses[1].definition"}
    assert "201 words" in first.sentence
    assert "first sentence" in second.sentence


def test_it_tells_what_is_hard_to_read_in_languages_with_a_formula() -> None:
    hard = "Institutionalised interdisciplinary characterisations " * 10
    assert Kind.HARD in kinds(entry("token", hard))
    assert Kind.HARD not in kinds(entry("token", hard, language="fr"))
    easy, heavy = ease("Der Hund ist da. " * 6, "de"), ease("Bedeutungsraumverfahren " * 20, "de")
    assert easy is not None
    assert heavy is not None
    assert heavy.score < 30 < easy.score


def test_it_wants_abbreviations_that_nothing_explains() -> None:
    make_alias(make_term("graphics processor"), "GPU", kind="abbreviation")
    text = "Runs on a GPU or a TPU, by t-SNE, with relevance feedback (PRF)."
    [hint] = hints_of(entry("trainer", text))
    assert hint.sentence == "“TPU” is used here but not defined."


def test_it_wants_what_readers_sought_in_vain_where_misses_may_be_told() -> None:
    Miss.objects.create(query="gradient noise", count=3)
    written = entry("training", "Steps that live with Gradient noise.")
    [hint] = hints_of(written, misses=True)
    assert (hint.kind, hint.reason) == (Kind.WANTED, "Readers looked for it in vain, 3 times.")
    assert hints_of(written) == []


def test_it_tells_a_name_that_is_taken_but_not_by_the_term_itself() -> None:
    term = make_term("token", "A bit of text.")
    make_alias(term, "piece")
    assert kinds(entry("Piece", "A part.")) == [Kind.DUPLICATE]
    assert hints_of(entry_of(term), term.pk) == []
    draft = make_term("secret", status="draft")
    assert kinds(entry(draft.name, "A part.")) == []
