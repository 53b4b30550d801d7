"""What the space adds to a term in the admin: its state, its standing, hints, pinned questions."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from embeddings import doorbell
from embeddings.admin.filters import EmbeddingStateFilter, StandingFilter
from embeddings.admin.pinned import PinnedQuestionInline
from embeddings.admin.standings import in_words
from embeddings.drafting import may_ask
from embeddings.models import Embedding, Pending, PinnedQuestion, Space, Standing
from terms.admin.term import RelationInline, TermAdmin
from terms.hints import KINDS
from terms.models import Relation, Term
from terms.text import counted


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


admin.site.unregister(Term)


@admin.register(Term)
class EmbeddedTermAdmin(TermAdmin):
    """The words' own admin, with what the space knows of each term."""

    list_display = [*TermAdmin.list_display, "embedding"]
    list_filter = [*TermAdmin.list_filter, EmbeddingStateFilter, StandingFilter]
    actions = [*TermAdmin.actions, "embed_again"]
    readonly_fields: ClassVar[Any] = [*TermAdmin.readonly_fields, "embedding"]
    fieldsets = [(None, {"fields": [*TermAdmin.fieldsets[0][1]["fields"], "embedding"]})]
    inlines = [
        AcceptedRelationInline if inline is RelationInline else inline
        for inline in TermAdmin.inlines
    ] + [PinnedQuestionInline]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Filtered by where terms stand, the list says it of each."""
        columns: list[Any] = list(super().get_list_display(request))
        return [*columns, "standing"] if StandingFilter.parameter_name in request.GET else columns

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        terms = super().get_queryset(request)
        if StandingFilter.parameter_name in request.GET:
            standings = Standing.objects.filter(space__state="active")
            nearest = standings.select_related("twin__term")
            terms = terms.prefetch_related(Prefetch("senses__standings", nearest))
        return terms.annotate(waiting=_pending(parked=False), parked=_pending(parked=True))

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

    @admin.display(description="standing")
    def standing(self, term: Term) -> str:
        senses = term.senses.all()
        return in_words(standing for sense in senses for standing in sense.standings.all())

    @admin.action(description="Embed again", permissions=["change"])
    def embed_again(self, request: HttpRequest, terms: QuerySet[Term]) -> None:
        """Throws the stored vectors of the terms' senses away and puts the senses in the outbox."""
        Embedding.objects.filter(sense__term__in=terms).delete()
        for space in Space.objects.kept_up():
            space.enqueue(terms)
        doorbell.ring()
        said = f"Embedding {counted(terms.count(), 'term')} again."
        self.message_user(request, said, messages.SUCCESS)

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


def _pending(*, parked: bool) -> Coalesce:
    """How many senses of a term are in the outbox. Counted only for the rows that are shown."""
    own = Pending.objects.filter(
        sense__term=OuterRef("pk"), space__state="active", parked=parked
    ).order_by()
    return Coalesce(Subquery(own.values("sense__term").annotate(n=Count("pk")).values("n")), 0)
