import pytest

from embeddings.lab.workspace import Workspace
from embeddings.models import Space
from terms.models import Term
from tests.embeddings.lab.asking import embed_all
from tests.factories import make_term, relate

WORDS = {
    "cat": "A small animal with fur that hunts mice and purrs.",
    "dog": "A small animal with fur that hunts cats and barks.",
    "wolf": "A large animal with fur that hunts deer and howls.",
    "mouse": "A very small animal with fur that is hunted by a cat.",
    "invoice": "A paper that says how much money is owed to a seller.",
    "receipt": "A paper that says how much money was paid to a seller.",
    "bill": "A paper that says how much money a buyer still owes.",
    "cash": "Money in the hand, as coins and as paper.",
    "bank": "A house that keeps money for people and lends it.",
    "loan": "Money that a bank lends for a time.",
    "vet": "A doctor who heals a small animal and sends an invoice.",
}


@pytest.fixture
def terms(space: Space) -> dict[str, Term]:
    """Eleven terms by name, embedded by hashing their words; some of them related."""
    made = {name: make_term(name, text) for name, text in WORDS.items()}
    for one, other in (("cat", "vet"), ("vet", "invoice"), ("invoice", "bill"), ("cat", "mouse")):
        relate(made[one], made[other])
    embed_all(space)
    return made


@pytest.fixture
def workspace(space: Space, terms: dict[str, Term]) -> Workspace:
    return Workspace(space, "en")
