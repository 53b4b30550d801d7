"""Releases in the admin: made, looked at, described. What is in one never changes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect

from terms import releasing
from terms.models import Release


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin[Release]):
    list_display = ["name", "title", "count", "created_at", "created_by"]
    search_fields = ["name", "title", "notes"]

    def get_fields(self, request: HttpRequest, obj: Release | None = None) -> Any:
        known = ["count", "sha256", "created_at", "created_by"] if obj else []
        return ["name", "title", "notes", *known]

    def get_readonly_fields(self, request: HttpRequest, obj: Release | None = None) -> Any:
        return ["name", "count", "sha256", "created_at", "created_by"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """In no transaction, as Django's is: a release reads in one of its own, at one moment."""
        view: Any = self._changeform_view  # type: ignore[attr-defined]  # what Django's own wraps
        answer: HttpResponse = view(request, object_id, form_url, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        made = releasing.make(obj.name, title=obj.title, notes=obj.notes, by=request.user)  # type: ignore[arg-type]  # who is logged in
        obj.pk, obj._state.adding = made.pk, False
