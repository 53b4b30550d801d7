"""Every address of the site. tests/glossary/test_access.py holds a row for each."""

from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from glossary import health
from glossary.api import not_found
from terms.accounts.forms import AdminLogInForm
from terms.text import LANGUAGE_TAG


class LanguageConverter:
    regex = LANGUAGE_TAG

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")

admin.site.site_header = admin.site.site_title = "Lexispace"
admin.site.index_title = "The glossary"
admin.site.login_form = AdminLogInForm

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("terms.accounts.urls")),
    path("api/v1/", include("glossary.api_urls")),
    re_path(r"^api(?:/.*)?$", not_found, name="api-not-found"),
    path("", include("embeddings.urls")),
    path("", include("terms.urls")),
]

handler404 = "terms.views.errors.not_found"
handler500 = "glossary.health.server_error"
