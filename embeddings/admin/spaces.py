"""Spaces and the outbox, to be looked at."""

from datetime import timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.views.decorators.http import require_POST

from embeddings import doorbell, remote_use
from embeddings.gate import reasons_against
from embeddings.models import Pending, Space
from terms.text import counted


@admin.register(Space)
class SpaceAdmin(admin.ModelAdmin[Space]):
    """Spaces are looked at here, and one that is ready is made to serve, or serves again."""

    list_display = [
        "name",
        "state",
        "model",
        "embedded",
        "used",
        "attended_at",
        "error",
        "serve",
    ]

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

    @admin.display(description="remote server")
    def used(self, space: Space) -> str:
        """What its server has counted, and what that cost."""
        return remote_use.told(space)

    @admin.display(description="serves")
    def serve(self, space: Space) -> str:
        """A button of the list's own form, sent to another address."""
        if space.state == Space.State.ACTIVE:
            return ""
        said = "Make it serve again" if space.activated_at else "Make it serve"
        return format_html(
            '<button type="submit" class="button" formaction="{}">{}</button>',
            reverse("admin:embeddings_space_serve", args=[space.pk]),
            said,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.make_serve))
        return [path("<int:pk>/serve/", view, name="embeddings_space_serve"), *super().get_urls()]

    def make_serve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The way back to a space that served before is always open."""
        if not request.user.has_perm("embeddings.change_space"):
            raise PermissionDenied
        space = get_object_or_404(Space, pk=pk)
        reasons = [] if space.activated_at else reasons_against(space)
        for reason in reasons:
            messages.error(request, reason)
        if not reasons:
            space.activate()
            messages.success(request, f"“{space}” serves now.")
        return redirect("admin:embeddings_space_changelist")

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
        self.message_user(request, f"Trying {counted(count, 'sense')} again.", messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Pending | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Pending | None = None) -> bool:
        """Whoever may delete a term: what waits to be embedded goes with it."""
        return request.user.has_perm("terms.delete_term")
