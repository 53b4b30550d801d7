"""What load balancers and operators ask, and the page of last resort."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from embeddings.models import Space
from glossary.api import problem


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while this process answers requests; it asks nothing else of the world."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """What is embedded, waiting and parked. 503 only when the words cannot be read.

    A glossary without model, worker or vectors is *degraded*: still 200, because reading works.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM terms_term LIMIT 1")
        report = Space.objects.report()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "problems": ["database"]}, status=503)
    return JsonResponse(report)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a fault of ours; it needs neither database nor context."""
    if request.path.startswith("/api/"):
        return problem(500, "Something broke on our side; it has been logged.")
    return HttpResponse(render_to_string("500.html"), status=500)
