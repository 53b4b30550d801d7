import django_filters
from django.db.models import QuerySet

from terms.models import Term, Topic


class TermFilter(django_filters.FilterSet):
    """What a list of terms can be narrowed by."""

    language = django_filters.CharFilter(help_text="A language tag, such as “en”.")
    topic = django_filters.CharFilter(
        method="in_topic", help_text="A topic's slug; its subtopics are included."
    )
    bundle = django_filters.CharFilter(method="in_bundle", help_text="A bundle's slug.")
    letter = django_filters.CharFilter(
        method="with_letter", help_text="The beginning of the name, without case or accents."
    )
    changed_since = django_filters.IsoDateTimeFilter(
        field_name="updated_at",
        lookup_expr="gt",
        help_text="Terms changed after this time, such as 2026-11-23T12:00:00Z.",
    )

    class Meta:
        model = Term
        fields: list[str] = []

    def in_topic(self, terms: QuerySet[Term], name: str, slug: str) -> QuerySet[Term]:
        return terms.about(Topic.objects.with_descendants(slug))  # type: ignore[attr-defined]

    def in_bundle(self, terms: QuerySet[Term], name: str, slug: str) -> QuerySet[Term]:
        return terms.in_bundle(slug)  # type: ignore[attr-defined]

    def with_letter(self, terms: QuerySet[Term], name: str, letter: str) -> QuerySet[Term]:
        return terms.starting_with(letter)  # type: ignore[attr-defined]
