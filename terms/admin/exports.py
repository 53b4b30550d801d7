"""What the list of terms shows, or was chosen of it, as a file that an import reads again."""

import tempfile
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from terms.admin.step import StepAdmin
from terms.entry import entries_of
from terms.formats import FormatError
from terms.formats.whole import WRITERS, writer
from terms.models import Term
from terms.querysets import TermQuerySet

NAMES = {"csv": ".csv", "xlsx": ".xlsx", "jsonl": ".jsonl", "yaml": ".yaml", "folder": ".zip"}
LABELS = {
    "csv": "CSV, for spreadsheets",
    "xlsx": "Excel",
    "jsonl": "JSON Lines, for programs",
    "yaml": "YAML",
    "folder": "Markdown, a .zip with a file an entry",
}
FORMAT = "as"  # no field of a term, by which the list could be filtered


class ExportAdmin(StepAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="terms_term_export"), *super().get_urls()]

    @admin.action(description="Export …", permissions=["view"])
    def export_chosen(self, request: HttpRequest, terms: TermQuerySet) -> HttpResponse:
        address = reverse("admin:terms_term_export")
        if request.POST.get("select_across") == "1":
            return redirect(f"{address}?{request.GET.urlencode()}")
        ids = ",".join(str(pk) for pk in terms.values_list("pk", flat=True))
        return redirect(f"{address}?{urlencode({'id__in': ids})}")

    def export(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """The choice of the format; with one, the file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.copy()
        format_name = asked.pop(FORMAT, [""])[-1]
        request.GET = asked  # type: ignore[assignment]  # which the list reads
        try:
            listed = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseBadRequest("The list cannot be filtered so.\n")
        terms = Term.objects.filter(pk__in=listed.order_by().values("pk"))
        if not format_name:
            return self._choice(request, terms)
        if format_name not in WRITERS:
            return HttpResponseBadRequest(f"The formats are: {', '.join(WRITERS)}.\n")
        try:
            return _file(terms, format_name)
        except FormatError as error:
            messages.error(request, str(error))
            return self._choice(request, terms)

    def _choice(self, request: HttpRequest, terms: TermQuerySet) -> HttpResponse:
        count = terms.count()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export {count:,} {model_ngettext(self.opts, count)}",
            "opts": self.opts,
            "filters": [(key, value) for key, values in request.GET.lists() for value in values],
            "formats": LABELS.items(),
            "as": FORMAT,
        }
        return TemplateResponse(request, "admin/terms/term/export.html", context)


def _file(terms: TermQuerySet, format_name: str) -> FileResponse:
    """Written beside, so that memory stays flat and what is wrong is told instead of a file."""
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with transaction.atomic():
            ordered = terms.order_by("language", "name_key", "id")
            writer(format_name)(entries_of(ordered), file)
    except FormatError:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"terms{NAMES[format_name]}")
