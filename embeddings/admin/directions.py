"""Directions that are kept by name, with what the serving space knows of each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from embeddings.models import Direction, LearnedDirection, Space


@admin.register(Direction)
class DirectionAdmin(admin.ModelAdmin[Direction]):
    """The lab links to the form, with the groups of the page filled in."""

    list_display = ["name", "language", "auc", "stability", "problem", "made_by", "made_at"]
    list_select_related = ["made_by"]
    search_fields = ["name", "toward", "away"]
    fields = ["name", "slug", "language", "toward", "away"]

    @admin.display(description="held-out AUC")
    def auc(self, direction: Direction) -> str:
        return _figure(direction, "auc")

    @admin.display(description="stability")
    def stability(self, direction: Direction) -> str:
        return _figure(direction, "stability")

    @admin.display(description="problem")
    def problem(self, direction: Direction) -> str:
        learned = _learned(direction)
        return learned.error if learned else "not learned yet"

    def save_model(self, request: HttpRequest, obj: Direction, form: Any, change: bool) -> None:
        if not change and request.user.is_authenticated:
            obj.made_by = request.user
        super().save_model(request, obj, form, change)
        if space := Space.objects.serving():
            obj.learn(space)


def _learned(direction: Direction) -> LearnedDirection | None:
    return direction.learned.filter(space__state="active").first()


def _figure(direction: Direction, name: str) -> str:
    learned = _learned(direction)
    return f"{learned.figures[name]:.2f}" if learned and learned.figures else "–"
