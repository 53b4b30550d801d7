"""/api/v1/: the words, the space, and the schema that describes both."""

from typing import Any

from django.urls import include, path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response


class Docs(SpectacularSwaggerSplitView):
    """The interactive documentation, within the same strict policy as every other page."""

    url_name = "api-schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        del response.headers["Cross-Origin-Opener-Policy"]  # the middleware's is stricter
        return response


urlpatterns = [
    path("", include("terms.api.urls")),
    path("", include("embeddings.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", Docs.as_view(), name="api-docs"),
]
