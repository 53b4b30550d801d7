"""The space's part of the admin's front page: what a survey found, and what is parked.

The survey is the worker's; here its findings are read, in a fixed number of queries.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from embeddings.admin.filters import standing_so
from embeddings.admin.standings import way
from embeddings.calibration import Calibration
from embeddings.models import Pending, Space, Standing, Survey
from terms.admin.dashboard import LISTED, Figure, Item, change_of, list_of
from terms.models import Term


@dataclass(frozen=True)
class Findings:
    """Figures, and when the survey that they are from ended: None before the first end."""

    figures: list[Figure]
    surveyed_at: datetime | None
    is_under_way: bool


def findings() -> Findings | None:
    """What the serving space says of the glossary; None without one."""
    space = Space.objects.serving()
    if space is None:
        return None
    survey = Survey.objects.filter(space=space).first()
    return Findings(
        [_parked(space), _alone(space), _overlapping(space), _moved(space)],
        survey.ended_at if survey else None,
        bool(survey and survey.through),
    )


def _parked(space: Space) -> Figure:
    rows = Pending.objects.filter(space=space, parked=True)
    items = tuple(
        Item(row.sense.term.name, change_of(row.sense.term_id), said=row.last_error)
        for row in rows.select_related("sense__term").order_by("pk")[:LISTED]
    )
    terms = rows.values("sense__term").distinct().count()
    return Figure("Not embedded: parked", terms, list_of(embedding="parked"), items)


def _alone(space: Space) -> Figure:
    """A term of several senses is listed by the loneliest."""
    alone = standing_so(space, "alone", Term.objects.all())
    below = Calibration.of(space).none_below
    standings = Standing.objects.filter(space=space)
    company = standings.in_company(below).filter(sense__term=OuterRef("sense__term"))
    rows = standings.alone(below).filter(~Exists(company))
    terms: dict[int, Item] = {}
    for row in rows.select_related("sense__term").order_by("score", "pk")[: 2 * LISTED]:
        term, said = row.sense.term, f"nearest: {row.score:.2f}"
        terms.setdefault(term.pk, Item(term.name, change_of(term.pk), said=said))
    items = tuple(list(terms.values())[:LISTED])
    return Figure("Alone", alone.count(), list_of(standing="alone"), items)


def _overlapping(space: Space) -> Figure:
    """Two senses that are each other's twin are one pair."""
    terms = standing_so(space, "overlapping", Term.objects.all())
    rows = Standing.objects.filter(space=space).overlapping().order_by("-likeness", "pk")
    pairs: dict[frozenset[int], Item] = {}
    for row in rows.select_related("sense__term", "twin__term")[: 2 * LISTED]:
        if row.twin:
            pair = frozenset({row.sense_id, row.twin.pk})
            pairs.setdefault(pair, _pair(row))
    items = tuple(list(pairs.values())[:LISTED])
    return Figure("Overlapping", terms.count(), list_of(standing="overlapping"), items)


def _pair(row: Standing) -> Item:
    """Leads to the one of the two whose page offers to merge it into the other."""
    term, said = row.sense.term, f"as “{row.twin.term}”: {row.likeness:.2f}" if row.twin else ""
    return Item(term.name, change_of(term.pk), said=said)


def _moved(space: Space) -> Figure:
    terms = standing_so(space, "moved", Term.objects.all())
    rows = Standing.objects.filter(space=space).moved().order_by(F("moved").desc(), "pk")
    items = tuple(
        Item(row.sense.term.name, change_of(row.sense.term_id), said=way(row))
        for row in rows.select_related("sense__term")[:LISTED]
    )
    return Figure("Moved this month", terms.count(), list_of(standing="moved"), items)
