"""/api/v1/: the words, the space, and the schema that describes both."""

from typing import Any

from django.urls import include, path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
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


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema tells of tokens."""

    target_class = "terms.api.authentication.TokenAuthentication"
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lex_…",
            "description": "A token made in the admin, or by `manage.py token make`.",
        }


urlpatterns = [
    path("", include("terms.api.urls")),
    path("", include("embeddings.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", Docs.as_view(), name="api-docs"),
]
