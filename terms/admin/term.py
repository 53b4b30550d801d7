from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, Func, Prefetch, QuerySet, TextField, Value, When
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from terms import reading
from terms.admin import examples, past
from terms.admin.beside import BesideAdmin
from terms.admin.bulk import BulkAdmin
from terms.admin.draft import DraftAdmin
from terms.admin.exports import ExportAdmin
from terms.admin.fields import SearchesById, TableFormSet
from terms.admin.filters import LackFilter, PlanFilter
from terms.admin.merge import MergeAdmin
from terms.models import Alias, Glossary, Relation, Sense, Term
from terms.text import slugify
from terms.views.term import context_of
from terms.writing import write_examples


class SenseForm(forms.ModelForm[Sense]):
    examples = examples.ExamplesField()

    class Meta:
        model = Sense
        fields = ["position", "part_of_speech", "register", "definition", "topics", "sources"]
        widgets = {"definition": forms.Textarea(attrs={"rows": 6, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["examples"] = examples.join(self.instance)

    def validate_constraints(self) -> None:
        """Two that change places pass each other; within a form no place is taken twice."""
        try:
            self.instance.validate_constraints(exclude={"term", "position"})
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]  # as the form itself does


class SenseInline(SearchesById, admin.StackedInline[Sense, Term]):
    model = Sense
    form = SenseForm
    extra = 0
    min_num = 0
    fields = [
        ("position", "part_of_speech", "register"),
        "definition",
        "examples",
        ("topics", "sources"),
    ]
    autocomplete_fields = ["topics", "sources"]

    def get_extra(self, request: HttpRequest, obj: Term | None = None, **kwargs: Any) -> int:
        """A new term has a sense to fill in."""
        return 0 if obj else 1

    @admin.display(description="examples")
    def examples(self, sense: Sense) -> str:
        """For who may only look."""
        return examples.join(sense)


class AliasInline(admin.TabularInline[Alias, Term]):
    model = Alias
    formset = TableFormSet
    fields = ["position", "name", "kind", "slug"]
    extra = 0

    def is_there(self, term: Term, row: Mapping[str, str]) -> bool:
        """Whether the term has just this name, so that to add it changes nothing."""
        name = row.get("name", "").strip()
        said = name, row.get("slug") or slugify(name), row.get("kind")
        return said in {(alias.name, alias.slug, alias.kind) for alias in term.aliases.all()}


class RelationInline(SearchesById, admin.TabularInline[Relation, Term]):
    """Relations stored at this term; a symmetric one is stored at the older of the two."""

    model = Relation
    formset = TableFormSet
    fk_name = "from_term"
    fields = ["kind", "to_term", "provenance", "score"]
    readonly_fields = ["provenance", "score"]
    autocomplete_fields = ["to_term"]
    extra = 0
    verbose_name_plural = "relations to"

    def is_there(self, term: Term, row: Mapping[str, str]) -> bool:
        """Whether the term has just this relation, so that to add it changes nothing."""
        kind, other = row.get("kind", ""), row.get("to_term", "")
        if kind not in Relation.Kind.values or not (other.isdecimal() and len(other) < 19):
            return False
        return Relation(kind=kind, from_term=term, to_term_id=int(other)).is_there()

    def get_extra(self, request: HttpRequest, obj: Term | None = None, **kwargs: Any) -> int:
        return 0 if obj else 2

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """No buttons around a term, which would only stand in the way of the Tab key."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "to_term":
            widget: Any = field.widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return field


class IncomingRelationInline(admin.TabularInline[Relation, Term]):
    """Relations stored at the other term. They are made there, or above; here they can go."""

    model = Relation
    formset = TableFormSet
    fk_name = "to_term"
    fields = ["from_term", "kind", "provenance", "score"]
    readonly_fields = ["from_term", "kind", "provenance", "score"]
    extra = 0
    verbose_name_plural = "relations from"

    def has_add_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        return False


@admin.register(Term)
class TermAdmin(DraftAdmin, BesideAdmin, MergeAdmin, BulkAdmin, ExportAdmin):
    list_display = ["name", "language", "status", "first_sense", "updated_at"]
    list_filter = [
        "status",
        PlanFilter,
        LackFilter,
        "language",
        "senses__topics",
        "places__bundle",
    ]
    list_per_page = 50
    search_fields = ["name", "slug", "aliases__name", "senses__definition"]
    autocomplete_fields = ["replaced_by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    ("language", "slug"),
                    ("status", "publish_at"),
                    "replaced_by",
                    "is_linked",
                    "reason",
                    "seen_version",
                    ("preview_link", "merge_link"),
                ]
            },
        ),
    ]
    readonly_fields: ClassVar[Any] = ["preview_link", "merge_link"]
    inlines = [SenseInline, AliasInline, RelationInline, IncomingRelationInline]
    save_on_top = True
    object_history_template = "admin/terms/term/history.html"
    change_list_template = "admin/terms/term/change_list.html"
    ordering = ["name_key"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        first = Sense.objects.order_by("position")
        return super().get_queryset(request).prefetch_related(Prefetch("senses", first))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Term], search_term: str
    ) -> tuple[Any, bool]:
        """Where one is chosen by its name, terms called so come before those that mention it."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return called_first(found, search_term) if search_term else found, may_repeat

    def view_on_site(self, obj: Term) -> str | None:
        """The address as stored: a form that was refused has left its values in `obj`."""
        stored = Term.objects.published().filter(pk=obj.pk).first()
        return stored.get_absolute_url() if stored else None

    @admin.display(description="meaning")
    def first_sense(self, term: Term) -> str:
        return term.gist

    @admin.display(description="preview")
    def preview_link(self, term: Term) -> str:
        if not term.pk:
            return "after the first save"
        address = reverse("admin:terms_term_preview", args=[term.pk])
        return format_html('<a href="{}">how the page looks as saved</a>', address)

    @admin.display(description="duplicate")
    def merge_link(self, term: Term) -> str:
        if not term.pk:
            return "after the first save"
        address = reverse("admin:terms_term_merge", args=[term.pk])
        return format_html('<a href="{}">merge it into another term</a>', address)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for sense_form in formset.forms:
            if isinstance(sense_form, SenseForm) and _is_kept(sense_form):
                write_examples(sense_form.instance, sense_form.cleaned_data["examples"])
        if formset.model in {Sense, Alias}:
            number(formset.model.objects.filter(term=form.instance))

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(self.preview)
        return [
            path("<int:pk>/preview/", preview, name="terms_term_preview"),
            *past.urls(self),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The term's page as a reader would see it, whatever its status."""
        page = reading.page_of(pk)
        if page is None:
            raise Http404("There is no term with this id.")
        if not self.has_view_permission(request, page[0]):
            raise PermissionDenied
        return render(request, "terms/term.html", context_of(*page, Glossary.current()))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return past.history(self, request, object_id)


def called_first(terms: QuerySet[Term], name: str) -> QuerySet[Term]:
    """Those of the name first, then those whose name begins so, or has it in it."""
    key = Func(Value(name), function="name_key", output_field=TextField())
    lookups = ("name_key", "name_key__startswith", "name_key__contains")
    places = [When(**{lookup: key}, then=place) for place, lookup in enumerate(lookups)]
    place = Case(*places, default=len(lookups))
    return terms.annotate(place=place).order_by("place", "name_key", "id")


def number(rows: QuerySet[Any]) -> None:
    """Gives them the places 1, 2, 3 …, a place that two took to the older one first."""
    for place, row in enumerate(rows.order_by("position", "pk"), 1):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])


def _is_kept(form: ModelForm[Sense]) -> bool:
    """Saved, and not marked for deletion."""
    return bool(form.instance.pk) and form.is_valid() and not form.cleaned_data.get("DELETE")
