"""An entry read in one statement is what the ORM would have found in many."""

from typing import Any

import pytest
from django.db import models

from terms import reading
from terms.models import Source, Term
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_sense,
    make_term,
    make_topic,
    relate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def term() -> Term:
    """A term with everything."""
    term = make_term("latent space", "A *space* of “codes”:\n\n- `z`\n- \\\\ and {b} at 100%")
    sense = term.senses.get()
    make_alias(term, "LS", kind="abbreviation")
    make_alias(term, "code space")
    make_example(sense, "One.", source="A book")
    make_example(sense, "Two.")
    sense.topics.add(make_topic("words"), make_topic("geometry"))
    sense.sources.add(Source.objects.create(title="A paper", url="https://example.org/"))
    make_sense(term, "Another meaning.", register="law")
    successor = make_term("embedding space")
    Term.objects.filter(pk=term.pk).update(status="deprecated", replaced_by=successor)
    return term


def columns_of(instance: models.Model) -> dict[str, Any]:
    """What an instance holds without asking the database anew."""
    deferred = instance.get_deferred_fields()
    names = [field.attname for field in instance._meta.concrete_fields]
    return {name: getattr(instance, name) for name in names if name not in deferred}


def assert_same(read: Any, found: Any) -> None:
    assert read == found
    assert columns_of(read).items() <= columns_of(found).items()


def test_it_reads_what_the_orm_would(term: Term, django_assert_num_queries: Any) -> None:
    found = Term.objects.with_senses().select_related("replaced_by").get(pk=term.pk)
    with django_assert_num_queries(1):
        read = reading.entry("en", "latent-space")
    assert read is not None
    with django_assert_num_queries(0):
        assert_same(read, found)
        assert_same(read.replaced_by, found.replaced_by)
        lists: list[tuple[Any, Any]] = [(read.aliases.all(), found.aliases.all())]
        for one, other in zip(read.senses.all(), found.senses.all(), strict=True):
            lists.append(([one], [other]))
            for name in ("examples", "topics", "sources"):
                lists.append((getattr(one, name).all(), getattr(other, name).all()))
        pairs = [pair for each in lists for pair in zip(*each, strict=True)]
        for pair in pairs:
            assert_same(*pair)
    assert len(pairs) == 9


def test_a_bare_term_has_empty_lists() -> None:
    make_term("bare").senses.all().delete()
    page = reading.page("en", "bare")
    assert page is not None
    term, around = page
    assert [*term.senses.all(), *term.aliases.all()] == []
    assert (term.gist, term.replaced_by) == ("", None)
    assert around == reading.Surroundings([], None, None, [], [], 0)


def test_it_does_not_ask_the_database_for_less_than_was_read(term: Term) -> None:
    read = reading.entry("en", "latent-space")
    assert read is not None
    with pytest.raises(AttributeError):
        read.senses.filter(position=1)


def test_it_reads_places_among_what_is_public() -> None:
    terms = [make_term(name) for name in "abcd"]
    make_bundle(*terms, title="letters")
    make_bundle(terms[2], title="alone")
    Term.objects.filter(pk=terms[1].pk).update(status="draft")
    page = reading.page("en", "c")
    assert page is not None
    found = [(p.bundle.title, p.position, p.count, p.previous, p.next) for p in page[1].places]
    assert found == [("alone", 1, 1, None, None), ("letters", 2, 3, terms[0], terms[3])]


def test_it_reads_relations_with_the_other_end() -> None:
    term, other, draft = make_term("a"), make_term("b", "First. Then."), make_term("c")
    relate(other, term, "broader")
    relate(term, draft)
    Term.objects.filter(pk=draft.pk).update(status="draft")
    ((relation, far),) = reading.relations_of(term)
    assert (relation.kind_seen_from(term), far, far.gist) == ("narrower", other, "First.")


def test_a_draft_has_a_page_by_its_id_alone() -> None:
    draft = make_term("a", status="draft")
    make_bundle(draft, make_term("b"))
    page = reading.page_of(draft.pk)
    assert page is not None
    assert (page[0], page[1].places) == (draft, [])
    assert reading.page("en", "a") is None
    assert reading.page_of(0) is None
