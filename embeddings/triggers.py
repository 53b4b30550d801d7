"""The outbox is filled in SQL, in the transaction that changes a text, whoever writes it."""

import pgtrigger
from pgtrigger import After, Insert, Row, Trigger

from terms.models import triggers as term_triggers
from terms.models.triggers import after_statement

# A sense that is waiting already gets a new generation, so that a result computed from the older
# text no longer counts, and a fresh set of attempts: the text that failed is not this text.
ENTER_OUTBOX = """
INSERT INTO embeddings_pending
    (space_id, sense_id, due, attempts, generation, parked, last_error)
SELECT space.id, sense.id, clock_timestamp(), 0, 1, false, ''
FROM embeddings_space space CROSS JOIN terms_sense sense
WHERE space.state IN ('building', 'active') AND {condition}
ORDER BY space.id, sense.id
ON CONFLICT (space_id, sense_id) DO UPDATE
SET due = clock_timestamp(), attempts = 0, parked = false, last_error = '',
    generation = embeddings_pending.generation + 1
"""


def sense_enters_outbox() -> list[Trigger]:
    """One statement's new senses enter in one go: whole dictionaries come in by the thousand."""
    return [
        after_statement(
            "enters_outbox", Insert, _entering("sense.id IN (SELECT id FROM new_rows)")
        ),
        Trigger(
            name="enters_outbox",
            level=Row,
            when=After,
            operation=pgtrigger.UpdateOf("definition", "term_id"),
            func=_entering("sense.id = NEW.id"),
        ),
    ]


def sense_of_example_enters_outbox() -> list[Trigger]:
    examples = "sense.id IN (SELECT sense_id FROM new_rows)"
    return [
        after_statement("enters_outbox", Insert, _entering(examples)),
        Trigger(
            name="enters_outbox",
            level=Row,
            when=After,
            operation=pgtrigger.Delete | pgtrigger.UpdateOf("text", "position", "sense_id"),
            func=_entering("sense.id IN (NEW.sense_id, OLD.sense_id)"),
        ),
    ]


def _entering(condition: str) -> str:
    return ENTER_OUTBOX.format(condition=condition) + "; RETURN NULL;"


def sense_leaves_outbox() -> Trigger:
    """With its sense goes what the deletion of its examples has put there."""
    return Trigger(
        name="leaves_outbox",
        level=Row,
        when=After,
        operation=pgtrigger.Delete,
        func="DELETE FROM embeddings_pending WHERE sense_id = OLD.id; RETURN NULL;",
    )


def senses_of_term_enter_outbox() -> Trigger:
    return Trigger(
        name="senses_enter_outbox",
        level=Row,
        when=After,
        operation=pgtrigger.UpdateOf("name", "language", "status"),
        condition=pgtrigger.Q(old__name__df=pgtrigger.F("new__name"))
        | pgtrigger.Q(old__language__df=pgtrigger.F("new__language"))
        | pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
        func=_entering("sense.term_id = NEW.id"),
    )


def bumps_revision() -> Trigger:
    """Any vector of the active space changes what pages show."""
    active = "(SELECT state FROM embeddings_space WHERE id = coalesce(NEW.space_id, OLD.space_id))"
    return term_triggers.bumps_revision(f"{active} = 'active'")


def bumps_revision_on_state() -> Trigger:
    return Trigger(
        name="bumps_revision",
        level=Row,
        when=After,
        operation=pgtrigger.UpdateOf("state", "relatedness", "lookup", "calibration"),
        timing=pgtrigger.Deferred,
        func=term_triggers.BUMP,
    )
