from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import URLField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from terms.admin.fields import SearchesById, TableFormSet
from terms.models import Bundle, BundleEntry, Glossary, Miss, Source, Topic


class BundleEntryInline(SearchesById, admin.TabularInline[BundleEntry, Bundle]):
    model = BundleEntry
    formset = TableFormSet
    fields = ["position", "term", "sense"]
    autocomplete_fields = ["term"]
    raw_id_fields = ["sense"]
    extra = 0


@admin.register(Bundle)
class BundleAdmin(admin.ModelAdmin[Bundle]):
    list_display = ["title", "byline", "updated_at"]
    search_fields = ["title"]
    inlines = [BundleEntryInline]


@admin.register(Topic)
class TopicAdmin(SearchesById, admin.ModelAdmin[Topic]):
    list_display = ["name", "parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent"]


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ["title", "url", "licence"]
    formfield_overrides: ClassVar[Any] = {URLField: {"assume_scheme": "https"}}
    search_fields = ["title", "url"]


@admin.register(Glossary)
class GlossaryAdmin(admin.ModelAdmin[Glossary]):
    """The one row: changed, never added or deleted."""

    fields = ["name", "description", "licence", "languages", "links"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Glossary | None = None) -> bool:
        return False


@admin.register(Miss)
class MissAdmin(admin.ModelAdmin[Miss]):
    """Questions that found nothing good: what readers wanted and the glossary lacks."""

    list_display = ["query", "count", "last_asked_at", "draft"]
    list_display_links = None
    search_fields = ["query"]

    @admin.display(description=_("wanted"))
    def draft(self, miss: Miss) -> SafeString:
        """A form for a new term, a draft, that has the question as its name already."""
        name = urlencode({"name": miss.query})
        address = f"{reverse('admin:terms_term_add')}?{name}"
        return format_html('<a href="{}">{}</a>', address, _("Start a draft"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Miss | None = None) -> bool:
        return False
