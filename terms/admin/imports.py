"""Imports in the admin: uploaded, columns named, looked at row by row, imported, undone."""

from contextlib import suppress
from itertools import islice
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from terms import formats, import_runs, rights
from terms.formats import MAX_BYTES as MAX_UPLOAD
from terms.formats import FormatError, table
from terms.formats.upload import Upload
from terms.formats.whole import READERS, format_of
from terms.import_preview import PAGE, Row, preview
from terms.importing import OnConflict
from terms.models import ImportRun
from terms.undoing import NotDone, undo
from terms.writing import Refused

CONFLICT_LABELS = {
    OnConflict.SKIP: "leave it as it is",
    OnConflict.UPDATE: "make it say what the file says",
    OnConflict.ADD_SENSE: "add what it does not say yet",
    OnConflict.FAIL: "stop, and change nothing",
}


FORMATS = (*READERS, *formats.READERS)


class UploadForm(forms.Form):
    file = forms.FileField(
        max_length=200,
        help_text="CSV, Excel, JSON Lines, YAML, a .zip of Markdown, a definition bundle or a"
        f" Markdown glossary; {MAX_UPLOAD // 10**6} MB at most.",
    )
    format = forms.ChoiceField(
        required=False,
        choices=[("", "by its name or content"), *((name, name) for name in FORMATS)],
    )
    on_conflict = forms.ChoiceField(
        required=False,
        choices=[("", "what is usual: a bundle adds, others leave it"), *CONFLICT_LABELS.items()],
        label="A term that is there",
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_UPLOAD:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes, more than {MAX_UPLOAD:,}."
                " Split it, or have the operator import it by manage.py import_terms."
            )
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if file := cleaned.get("file"):
            cleaned["content"] = file.read()
            cleaned["format"] = cleaned.get("format") or _format_of(file.name, cleaned["content"])
            if not cleaned["format"]:
                self.add_error("format", "This cannot be told by name or content: choose it.")
        return cleaned

    def run(self, by: Any) -> ImportRun:
        """The run, with the columns that files of the same headers had. Raises FormatError."""
        said = self.cleaned_data
        upload = Upload(said["content"], said["format"], {})
        headers = sorted(upload.headers)
        return ImportRun.objects.create(
            file_name=said["file"].name[:200],
            format_name=said["format"],
            content=said["content"],
            on_conflict=said["on_conflict"] or upload.on_conflict,
            headers=headers,
            columns=ImportRun.objects.columns_of(headers) if headers else {},
            by=by,
        )


def _format_of(name: str, content: bytes) -> str:
    """The format of a file by its name, or by what it says; "" for one that is none of ours."""
    with suppress(FormatError):
        found = format_of(PurePath(name).name, content[:4_096])
        return found or formats.format_of(formats.decode(content))
    return ""


class ColumnsForm(forms.Form):
    """What each header of the file means, and what is to become of a term that is there."""

    on_conflict = forms.ChoiceField(
        choices=list(CONFLICT_LABELS.items()), label="A term that is there"
    )

    def __init__(self, run: ImportRun, headers: list[str], data: Any = None) -> None:
        super().__init__(data, initial={"on_conflict": run.on_conflict})
        self.named = {f"column_{n}": header for n, header in enumerate(headers)}
        choices = [("", "left out"), *((name, name) for name in table.COLUMNS)]
        for name, header in self.named.items():
            meant = run.columns.get(header, table.column_of(header))
            self.fields[name] = forms.ChoiceField(
                choices=choices, required=False, initial=meant, label=header or "(no header)"
            )

    def save(self, run: ImportRun) -> None:
        run.on_conflict = self.cleaned_data["on_conflict"]
        run.columns = {header: self.cleaned_data[name] for name, header in self.named.items()}
        run.save(update_fields=["on_conflict", "columns"])


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin[ImportRun]):
    list_display = ["file_name", "format_name", "state", "told", "by", "created_at"]
    list_filter = ["state"]
    search_fields = ["file_name"]
    list_select_related = ["by"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportRun]:
        return super().get_queryset(request).defer("content")

    @admin.display(description="result")
    def told(self, run: ImportRun) -> str:
        return ", ".join(f"{count:,} {what}" for what, count in run.counts.items())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        steps = {"columns": self.columns, "start": self.start, "cancel": self.cancel}
        return [
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(require_POST(step)),
                    name=f"terms_importrun_{name}",
                )
                for name, step in (steps | {"undo": self.undo}).items()
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                run = form.run(request.user)
            except FormatError as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:terms_importrun_change", run.pk)
        return self._page(request, "upload", {"title": "Import a file", "form": form})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The rows before the import, its progress, or what became of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self._found(object_id)
        context: dict[str, Any] = {
            "title": str(run),
            "run": run,
            "is_own": self._is_own(request, run),
        }
        if context["is_own"] and run.can_start:
            context |= _looked_at(request, run)
        return self._page(request, "run", context)

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._own(request, pk)
        if run.can_start:
            form = ColumnsForm(run, run.upload.headers, request.POST)
            if form.is_valid():
                form.save(run)
            else:
                messages.error(request, "Choose from the columns that are listed.")
        return redirect("admin:terms_importrun_change", pk)

    def start(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._own(request, pk)
        if run.can_start and not import_runs.start(run):
            messages.warning(request, "It is being imported just now: look again in a moment.")
        return redirect("admin:terms_importrun_change", pk)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._own(request, pk)
        if ImportRun.objects.filter(pk=pk).cancel():
            messages.success(request, f"{run} is cancelled. Nothing was changed.")
        else:
            messages.error(request, "It is too late: the import has ended.")
        return redirect("admin:terms_importrun_changelist")

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Anybody who may take each of the steps back, whoever imported the file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        run = self._found(pk)
        try:
            undone = undo(run, by=request.user)  # type: ignore[arg-type]  # admin_view asks for a log-in
        except (NotDone, Refused, rights.Denied) as error:
            messages.error(request, f"{error} Nothing was changed.")
        else:
            messages.success(request, f"{undone}.")
            if undone.left:
                messages.warning(request, "What was touched since is left, and named below.")
        return redirect("admin:terms_importrun_change", pk)

    @staticmethod
    def _found(pk: Any) -> ImportRun:
        found = ImportRun.objects.select_related("by", "undone_by")
        run = found.filter(pk=pk).first() if str(pk).isdecimal() else None
        if run is None:
            raise Http404("There is no such import.")
        return run

    @staticmethod
    def _is_own(request: HttpRequest, run: ImportRun) -> bool:
        return run.by_id is not None and run.by_id == request.user.pk

    def _own(self, request: HttpRequest, pk: int) -> ImportRun:
        """The run, if it is the user's own: it is imported with the rights of who uploaded it."""
        run = self._found(pk)
        if not (self.has_add_permission(request) and self._is_own(request, run)):
            raise PermissionDenied
        return run

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/terms/importrun/{name}.html", context)


def _looked_at(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    """A page of the rows, and the form by which columns are named."""
    asked = request.GET.get("p", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1
    upload = run.upload
    context: dict[str, Any] = {"page": page, "page_size": PAGE}
    try:
        context["form"] = ColumnsForm(run, upload.headers)
        some = islice(upload.read(), (page - 1) * PAGE, page * PAGE + 1)
        read = list(some)
        conflict = OnConflict(run.on_conflict)
        rows = preview(
            read[:PAGE],
            conflict,
            by=request.user,  # type: ignore[arg-type]  # the same
            lacks=upload.lacks,
            documents=upload.documents,
        )
    except FormatError as error:
        return context | {"fault": error}
    context["documents"] = upload.documents
    return context | {"rows": rows, "has_more": len(read) > PAGE, "summary": _summary(rows)}


def _summary(rows: list[Row]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.what] = counts.get(row.what, 0) + 1
    return counts
