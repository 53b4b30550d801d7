"""Many writes in one request, one answer for each."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from terms import rights
from terms.api.entries import KEY, EntryView, ReasonQuerySerializer, problems
from terms.api.idempotency import once
from terms.api.problems import EXPECTED, Problem, as_result, stale, unseen
from terms.api.writing import Writer, stored, within
from terms.entry import with_parts
from terms.entry_json import validated
from terms.models import Scope, Term
from terms.querysets import TermQuerySet
from terms.text import LANGUAGE_TAG

MOST = 1000
OPERATIONS = ["create", "put", "patch", "delete"]


class ItemSerializer(serializers.Serializer[Any]):
    op = serializers.ChoiceField(OPERATIONS)
    language = serializers.RegexField(rf"^{LANGUAGE_TAG}\Z", default="en")
    slug = serializers.CharField(default="", help_text="Of the term that is written.")
    version = serializers.IntegerField(default=None, allow_null=True, min_value=1)
    entry = serializers.DictField(default=dict, help_text="What POST, PUT or PATCH takes.")


ITEM = ItemSerializer()


class BulkSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST)
    atomic = serializers.BooleanField(default=True, help_text="All of them, or nothing.")
    dry_run = serializers.BooleanField(default=False, help_text="Tell, and write nothing.")


class ErrorSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    detail = serializers.CharField()


class ResultSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.IntegerField()
    address = serializers.URLField(required=False)
    version = serializers.IntegerField(required=False)
    detail = serializers.CharField(required=False)
    errors = ErrorSerializer(  # type: ignore[assignment]  # not DRF's own `errors`
        many=True, required=False
    )


class BulkResultSerializer(serializers.Serializer[Any]):
    is_written = serializers.BooleanField()
    results = ResultSerializer(many=True)


class Bulk(EntryView):
    scope = Scope.EDIT

    @extend_schema(
        operation_id="terms_bulk",
        request=BulkSerializer,
        parameters=[ReasonQuerySerializer, KEY],
        responses={200: BulkResultSerializer, **problems(409, 422)},
    )
    def post(self, request: Request) -> Response:
        """Up to 1,000 writes in their order, in one transaction; `atomic` ones all or none."""
        return once(request, self._write)

    def _write(self) -> Response:
        asked = validated(BulkSerializer(), self.request.data)
        with transaction.atomic():
            results = list(self._results(asked["items"]))
            has_failed = any(result["status"] >= 400 for result in results)
            is_written = not (asked["dry_run"] or (asked["atomic"] and has_failed))
            transaction.set_rollback(not is_written)
        if asked["atomic"] and has_failed and not asked["dry_run"]:
            raise Problem(422, "An item is wrong, so nothing is written.", results=results)
        return Response({"is_written": is_written, "results": results})

    def _results(self, items: list[Any]) -> Iterator[dict[str, Any]]:
        """Versions are read after the last item, which may have changed what others wrote."""
        writer = self.writer()
        writer.read.update(lock(items))
        with rights.read_once(writer.by):
            done = [outcome(writer, item) for item in items]
        terms = Term.objects.in_bulk([found.pk for _, found in done if found])
        for index, (result, written) in enumerate(done):
            term = terms.get(written.pk) if written else None
            yield {"index": index, **result, **(self._place(term) if term else {})}

    def _place(self, term: Term) -> dict[str, Any]:
        address = f"/api/v1/terms/{term.language}/{term.slug}"
        return {
            "address": self.request.build_absolute_uri(address),
            "version": term.version,
        }


def lock(items: list[Any]) -> dict[int, Term]:
    """All that is written, in one order for everybody: two such requests wait, and both end.

    What is put or patched is read in the same go, as it is before the first item.
    """
    list(_named_in(items).order_by("pk").select_for_update().values_list("pk"))
    changed = [item for item in items if item.get("op") in ("put", "patch")]
    return with_parts(_named_in(changed)).in_bulk()


def _named_in(items: list[Any]) -> TermQuerySet:
    slugs = [slug for item in items if isinstance(slug := item.get("slug"), str)]
    return Term.objects.filter(slug__in=[slug for slug in slugs if "\x00" not in slug])


def outcome(writer: Writer, item: Any) -> tuple[dict[str, Any], Term | None]:
    """What an item came to, and the term that is there now. Its write has its own savepoint."""
    try:
        return done(writer, validated(ITEM, item))
    except EXPECTED as error:
        return as_result(error), None


def done(writer: Writer, item: dict[str, Any]) -> tuple[dict[str, Any], Term | None]:
    with within("entry"):
        if item["op"] == "create":
            return {"status": 201}, writer.create(item["entry"])
        term, version = _seen(item)
        if item["op"] == "delete":
            writer.delete(term, version)
            return {"status": 204}, None
        write = writer.replace if item["op"] == "put" else writer.merge
        return {"status": 200}, write(term, item["entry"], version)


def _seen(item: dict[str, Any]) -> tuple[Term, int]:
    """The term, and the version of it that the item is about."""
    term = stored(item["language"], item["slug"])
    if item["version"] is None:
        raise unseen()
    if item["version"] != term.version:
        raise stale(term.version)
    return term, item["version"]
