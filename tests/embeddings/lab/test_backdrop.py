"""The sample that stands for a space, and when it is taken anew."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from embeddings.lab import backdrop
from embeddings.lab.workspace import Workspace
from embeddings.models import Backdrop
from embeddings.tasks import set_backdrop
from terms.models import Sense, Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_term

pytestmark = pytest.mark.django_db


def test_it_holds_the_vectors_and_what_is_related(
    workspace: Workspace, terms: dict[str, Term]
) -> None:
    made = backdrop.measure(workspace.space, "en")
    assert made is not None
    sample = made.sample
    assert made.total == len(sample.senses) == len(terms)
    assert np.allclose(workspace.entries(sample.senses.tolist()), sample.vectors, atol=2e-3)
    names = {term.pk: name for name, term in terms.items()}
    pairs = sample.terms[sample.relations].tolist()
    related = {tuple(sorted(names[term] for term in pair)) for pair in pairs}
    assert related == {("cat", "vet"), ("invoice", "vet"), ("bill", "invoice"), ("cat", "mouse")}
    assert made.figures["bridge"]["chains"] == 3


def test_a_percentile_is_the_share_of_pairs_that_are_less_near(workspace: Workspace) -> None:
    made = backdrop.measure(workspace.space, "en")
    assert made is not None
    assert made.sample.percentile(-1) == 0
    assert made.sample.percentile(1) == 100
    assert made.sample.percentile(float(np.median(made.sample.cosines))) == pytest.approx(50, abs=5)


def test_a_large_glossary_is_sampled_with_what_is_related_first(
    workspace: Workspace, terms: dict[str, Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backdrop, "SAMPLE", 6)
    made = backdrop.measure(workspace.space, "en")
    assert made is not None
    assert (made.total, len(made.sample.senses)) == (11, 6)
    related = {terms[name].pk for name in ("cat", "vet", "invoice", "bill", "mouse")}
    assert len(related & set(made.sample.terms.tolist())) >= 3


def test_it_is_due_when_vectors_have_changed_and_it_has_rested(
    workspace: Workspace, terms: dict[str, Term]
) -> None:
    set_backdrop()
    first = Backdrop.objects.get()
    assert not backdrop.is_due(workspace.space, "en")
    Sense.objects.filter(term=terms["cat"]).update(definition="A pet that purrs.")
    embed_all(workspace.space)
    assert not backdrop.is_due(workspace.space, "en")
    Backdrop.objects.update(created_at=timezone.now() - timedelta(hours=1))
    Sense.objects.filter(term=terms["dog"]).update(definition="A pet that barks.")
    assert not backdrop.is_due(workspace.space, "en")  # not all is embedded
    embed_all(workspace.space)
    assert backdrop.is_due(workspace.space, "en")
    set_backdrop()
    assert Backdrop.objects.get().pk == first.pk
    assert Backdrop.objects.get().created_at > first.created_at


def test_a_handful_of_terms_has_none(space: object) -> None:
    make_term("alone")
    set_backdrop()
    assert not Backdrop.objects.exists()
