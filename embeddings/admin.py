"""What the space adds to the admin: states of senses, suggested relations, spaces, outbox."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.views.decorators.http import require_POST

from embeddings import doorbell
from embeddings.drafting import may_ask
from embeddings.models import Embedding, Pending, PinnedQuestion, Space
from embeddings.related import suggestions
from terms.admin.term import RelationInline, TermAdmin
from terms.hints import KINDS
from terms.models import Relation, Term

STATES = {"embedded": "embedded", "waiting": "waiting", "parked": "parked"}


class EmbeddingStateFilter(admin.SimpleListFilter):
    title = "embedding"
    parameter_name = "embedding"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return list(STATES.items())

    def queryset(self, request: Any, queryset: QuerySet[Term]) -> QuerySet[Term]:
        pending = Pending.objects.filter(sense__term=OuterRef("pk"), space__state="active")
        match self.value():
            case "parked":
                return queryset.filter(Exists(pending.filter(parked=True)))
            case "waiting":
                return queryset.filter(Exists(pending.filter(parked=False)))
            case "embedded":
                return queryset.exclude(Exists(pending)).filter(senses__isnull=False).distinct()
        return queryset


class AcceptedRelationForm(forms.ModelForm[Relation]):
    """A relation that may be an accepted hint: then `accepted` holds the score of the hint."""

    accepted = forms.FloatField(required=False, min_value=-1, max_value=1, widget=forms.HiddenInput)

    def save(self, commit: bool = True) -> Relation:
        score = self.cleaned_data.get("accepted")
        space = Space.objects.serving()
        if self.instance._state.adding and score is not None and space:
            self.instance.provenance = Relation.Provenance.SUGGESTION
            self.instance.score, self.instance.model = score, space.model
        return super().save(commit)


class AcceptedRelationInline(RelationInline):
    form = AcceptedRelationForm
    fields: ClassVar[Any] = [*RelationInline.fields, "accepted"]


class PinnedQuestionInline(admin.TabularInline[PinnedQuestion, Term]):
    model = PinnedQuestion
    fields = ["question", "max_rank", "note"]
    extra = 0


admin.site.unregister(Term)


@admin.register(Term)
class EmbeddedTermAdmin(TermAdmin):
    """The words' own admin, with what the space knows of each term."""

    list_display = [*TermAdmin.list_display, "embedding"]
    list_filter = [*TermAdmin.list_filter, EmbeddingStateFilter]
    actions = [*TermAdmin.actions, "embed_again"]
    readonly_fields: ClassVar[Any] = [*TermAdmin.readonly_fields, "embedding"]
    fieldsets = [(None, {"fields": [*TermAdmin.fieldsets[0][1]["fields"], "embedding"]})]
    inlines = [
        AcceptedRelationInline if inline is RelationInline else inline
        for inline in TermAdmin.inlines
    ] + [PinnedQuestionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        pending = Q(senses__pending__space__state="active")
        return (
            super()
            .get_queryset(request)
            .annotate(
                waiting=Count("senses__pending", pending & Q(senses__pending__parked=False)),
                parked=Count("senses__pending", pending & Q(senses__pending__parked=True)),
            )
        )

    @admin.display(description="embedding")
    def embedding(self, term: Any) -> str:
        """The state in words; for a parked sense with the reason."""
        if not term.pk:
            return "after the first save"
        if term.parked:
            rows = Pending.objects.filter(sense__term=term, parked=True)
            return "parked: " + "; ".join(sorted(set(rows.values_list("last_error", flat=True))))
        if term.waiting:
            return f"waiting: {term.waiting} of its senses"
        return "embedded" if term.senses.all() else "no sense yet"

    @admin.action(description="Embed again", permissions=["change"])
    def embed_again(self, request: HttpRequest, terms: QuerySet[Term]) -> None:
        """Throws the stored vectors of the terms' senses away and puts the senses in the outbox."""
        Embedding.objects.filter(sense__term__in=terms).delete()
        for space in Space.objects.kept_up():
            space.enqueue(terms)
        doorbell.ring()
        self.message_user(request, f"{terms.count()} terms are embedded again.", messages.SUCCESS)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        space = Space.objects.serving()
        term = Term.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        known = space and term and space.knows(term.language)
        suggested = suggestions(space, term) if space and term and known else []
        context = {**(extra_context or {}), "suggested": suggested, "space": space}
        return super().change_view(request, object_id, form_url, context)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        for each in formset.forms:
            if isinstance(each.instance, PinnedQuestion) and each.instance._state.adding:
                each.instance.pinned_by = request.user
        super().save_formset(request, form, formset, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            **(extra_context or {}),
            "hint_kinds": KINDS.items() if may_ask(request.user) else (),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        relate = self.admin_site.admin_view(require_POST(self.relate))
        return [
            path("<int:pk>/relate/<int:other>/", relate, name="terms_term_relate"),
            *super().get_urls(),
        ]

    def relate(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        """Accepts a suggestion: a relation with the score and the model as its provenance."""
        term, target = get_object_or_404(Term, pk=pk), get_object_or_404(Term, pk=other)
        if not self.has_change_permission(request, term):
            raise PermissionDenied
        space = Space.objects.serving()
        near = suggestions(space, term) if space else []
        score = next((row.score for row in near if row.term == target), None)
        relation = Relation(
            from_term=term,
            to_term=target,
            kind=Relation.Kind.RELATED,
            provenance=Relation.Provenance.SUGGESTION,
            score=score,
            model=space.model if space else "",
        )
        relation.put_in_order()
        try:
            relation.full_clean()
            with transaction.atomic():
                relation.save()
        except (ValidationError, IntegrityError):  # accepted already, perhaps in this very moment
            note = f"{term} and {target} are related already."
            self.message_user(request, note, messages.WARNING)
        else:
            self.message_user(request, f"{term} and {target} are related.", messages.SUCCESS)
        return redirect("admin:terms_term_change", pk)


@admin.register(Space)
class SpaceAdmin(admin.ModelAdmin[Space]):
    """Spaces are made and activated by `manage.py spaces`; here they are looked at."""

    list_display = ["name", "state", "model", "dimensions", "embedded", "attended_at", "error"]

    @admin.display(description="embedded")
    def embedded(self, space: Space) -> SafeString:
        """A bar, the numbers, and how long the rest will take."""
        progress = space.progress()
        said = f"{progress.embedded:,} of {progress.total:,}"
        if progress.parked:
            said += f", {progress.parked:,} parked"
        if progress.time_left:
            said += f", {_duration(progress.time_left)} left"
        return format_html(
            '<progress max="{}" value="{}" aria-label="embedded"></progress> {}',
            max(progress.total, 1),
            progress.embedded,
            said,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Space | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Space | None = None) -> bool:
        return False


def _duration(time: timedelta) -> str:
    """
    >>> _duration(timedelta(seconds=5)), _duration(timedelta(minutes=6))
    ('less than a minute', 'about 6\xa0minutes')
    """
    now = timezone.now()
    if time < timedelta(minutes=1):
        return "less than a minute"
    return f"about {timeuntil(now + time, now, depth=1)}"


@admin.register(Pending)
class PendingAdmin(admin.ModelAdmin[Pending]):
    """The outbox. Parked rows show their error and can be tried again."""

    list_display = ["sense", "space", "due", "attempts", "parked", "last_error"]
    list_filter = ["parked", "space"]
    list_select_related = ["sense", "space"]
    actions = ["try_again"]

    @admin.action(description="Try again", permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Pending]) -> None:
        if not request.user.has_perm("terms.change_term"):
            raise PermissionDenied
        count = rows.update(
            parked=False, attempts=0, due=Now(), generation=F("generation") + 1, last_error=""
        )
        doorbell.ring()
        self.message_user(request, f"{count} senses are tried again.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Pending | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pending | None = None) -> bool:
        """Whoever may delete a term: what waits to be embedded goes with it."""
        return request.user.has_perm("terms.delete_term")


@admin.register(PinnedQuestion)
class PinnedQuestionAdmin(admin.ModelAdmin[PinnedQuestion]):
    """Descriptions that must find their term, with the rank that look-up gives it now."""

    list_display = ["question", "term", "max_rank", "now", "pinned_by", "pinned_at"]
    list_select_related = ["term", "pinned_by"]
    list_per_page = 50  # each line is a look-up
    search_fields = ["question", "term__name"]
    autocomplete_fields = ["term"]
    readonly_fields: ClassVar[Any] = ["pinned_by", "pinned_at"]

    @admin.display(description="rank now")
    def now(self, pin: PinnedQuestion) -> str:
        space = Space.objects.serving()
        rank = pin.rank_in(space) if space else None
        kept = rank is not None and rank <= pin.max_rank
        return str(rank) if kept else f"{rank or 'not found'}: broken"

    def save_model(self, request: Any, obj: PinnedQuestion, form: Any, change: bool) -> None:
        obj.pinned_by = obj.pinned_by if change else request.user
        super().save_model(request, obj, form, change)
