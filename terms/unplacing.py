"""What an import made beside terms, taken back: bundles, places in them, topics and sources.

A bundle goes whole where nobody has touched it since; of one that was there, the places go. Topics
and sources go where nothing uses them any more.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from terms.models import Bundle, BundleEntry, ImportRun, Source, Topic
from terms.models.history import made_in, untouched
from terms.rights import Denied

if TYPE_CHECKING:
    from django.contrib.auth.models import User

USES: dict[type[Topic | Source], tuple[str, ...]] = {
    Topic: ("senses", "children", "responsibilities"),
    Source: ("senses",),
}


def take_bundles_back(run: ImportRun, by: "User | None") -> tuple[int, list[str]]:
    """(how many were taken back or shortened, what was left of them, by name). Raises Denied."""
    made = set(made_in(run.history, Bundle))
    places = {pk: event.bundle_id for pk, event in made_in(run.history, BundleEntry).items()}
    lists = made.union(places.values())
    bundles = list(Bundle.objects.select_for_update().filter(pk__in=lists).order_by("pk"))
    if bundles and by and not by.has_perm("terms.add_bundle"):
        raise Denied("You may not take back what an import made of bundles.")
    kept = made & _touched(made, places)
    ours = BundleEntry.objects.filter(pk__in=untouched(BundleEntry, places))
    ours.exclude(bundle__in=kept).delete()
    Bundle.objects.filter(pk__in=made - kept).delete()
    still = BundleEntry.objects.filter(pk__in=places).values_list("bundle_id", flat=True)
    left = [bundle for bundle in bundles if bundle.pk in kept.union(still)]
    return len(bundles) - len(left), [f"the bundle “{bundle}”" for bundle in left]


def _touched(made: set[int], places: Mapping[int, int]) -> set[int]:
    """The bundles that are not as the import left them. `places`: in which bundle each was made."""
    ours = untouched(BundleEntry, places)
    altered = {bundle for pk, bundle in places.items() if pk not in ours}
    others = BundleEntry.objects.filter(bundle__in=made).exclude(pk__in=ours)
    enlarged = set(others.values_list("bundle_id", flat=True))
    return (made - untouched(Bundle, made)) | altered | enlarged


def take_unused_back(run: ImportRun, by: "User | None") -> None:
    """Topics and sources that it made, as far as the user may make such."""
    for model, uses in USES.items():
        if by is None or by.has_perm(f"terms.add_{model._meta.model_name}"):
            _delete_unused(model, uses, untouched(model, made_in(run.history, model)))


def _delete_unused(model: Any, uses: tuple[str, ...], ids: set[int]) -> None:
    """Nobody comes to use one of them meanwhile."""
    rows: QuerySet[Any] = model.objects.filter(pk__in=ids)
    list(rows.select_for_update().order_by("pk"))
    rows.filter(**dict.fromkeys(uses)).delete()
