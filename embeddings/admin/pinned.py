"""Questions that editors pin to a term: in its form, and as a list with what look-up says now."""

from typing import Any, ClassVar

from django.contrib import admin

from embeddings.models import PinnedQuestion, Space
from terms.admin.fields import SearchesById, TableFormSet
from terms.models import Term


class PinnedQuestionInline(admin.TabularInline[PinnedQuestion, Term]):
    model = PinnedQuestion
    formset = TableFormSet
    fields = ["question", "max_rank", "note"]
    extra = 0


@admin.register(PinnedQuestion)
class PinnedQuestionAdmin(SearchesById, admin.ModelAdmin[PinnedQuestion]):
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
