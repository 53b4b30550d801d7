"""The shapes of REST, in one place: DESIGN §6. Serialisers only read."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from terms.models import Alias, Bundle, Example, Relation, Sense, Term, Topic
from terms.text import LANGUAGE_TAG


def absolute(serializer: serializers.BaseSerializer[Any], path: str) -> str:
    """The address with scheme and host; the path alone where there is no request."""
    request: Request | None = serializer.context.get("request")
    return request.build_absolute_uri(path) if request else path


class AliasSerializer(serializers.ModelSerializer[Alias]):
    class Meta:
        model = Alias
        fields = ["name", "kind"]


class ExampleSerializer(serializers.ModelSerializer[Example]):
    class Meta:
        model = Example
        fields = ["text", "source"]


class SourceSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)


class TopicReferenceSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class SenseSerializer(serializers.ModelSerializer[Sense]):
    examples = ExampleSerializer(many=True)
    topics = TopicReferenceSerializer(many=True)
    sources = SourceSerializer(many=True)

    class Meta:
        model = Sense
        fields = [
            "key",
            "position",
            "definition",
            "part_of_speech",
            "register",
            "examples",
            "topics",
            "sources",
        ]


class TermReferenceSerializer(serializers.ModelSerializer[Term]):
    """Enough of a term to name it and go there."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Term
        fields = ["slug", "name", "language", "url"]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, term: Term) -> str:
        return absolute(self, term.get_absolute_url())


class RelationSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        [*Relation.Kind.values, "narrower", "uses"], help_text="As seen from the term asked for."
    )
    provenance = serializers.ChoiceField(Relation.Provenance.choices)
    term = TermReferenceSerializer()


EXAMPLE_TERM = {
    "slug": "latent-space",
    "name": "latent space",
    "language": "en",
    "url": "http://127.0.0.1:8000/en/define/latent-space",
    "status": "published",
    "version": 3,
    "updated_at": "2026-11-23T12:00:00Z",
    "replaced_by": None,
    "aliases": [{"name": "representation space", "kind": "synonym"}],
    "senses": [
        {
            "key": "k7m2p9qa",
            "position": 1,
            "definition": "The space of a model's internal vectors …",
            "part_of_speech": "noun",
            "register": "",
            "examples": [{"text": "Pictures of cats lie near one another.", "source": ""}],
            "topics": [{"slug": "latent-space", "name": "Latent space"}],
            "sources": [],
        }
    ],
    "relations": [],
}


@extend_schema_serializer(examples=[OpenApiExample("A term", value=EXAMPLE_TERM)])
class TermSerializer(TermReferenceSerializer):
    """A term with everything that its page says of the words."""

    replaced_by = serializers.SerializerMethodField()
    aliases = AliasSerializer(many=True, source="shown_aliases")
    senses = SenseSerializer(many=True)
    relations = serializers.SerializerMethodField()

    class Meta:
        model = Term
        fields = [
            *TermReferenceSerializer.Meta.fields,
            "status",
            "version",
            "updated_at",
            "replaced_by",
            "aliases",
            "senses",
            "relations",
        ]

    @extend_schema_field(TermReferenceSerializer(allow_null=True))
    def get_replaced_by(self, term: Term) -> dict[str, Any] | None:
        if term.replaced_by is None or not term.replaced_by.is_public:
            return None
        return TermReferenceSerializer(term.replaced_by, context=self.context).data

    @extend_schema_field(RelationSerializer(many=True))
    def get_relations(self, term: Term) -> list[dict[str, Any]]:
        rows = [
            {
                "kind": relation.kind_seen_from(term),
                "provenance": relation.provenance,
                "term": relation.other_end(term),
            }
            for relation in [*term.relations_out.all(), *term.relations_in.all()]
        ]
        public = [row for row in rows if row["term"].is_public]
        return RelationSerializer(public, many=True, context=self.context).data  # type: ignore[return-value]


class TopicSerializer(serializers.ModelSerializer[Topic]):
    parent = serializers.SlugRelatedField[Topic](  # type: ignore[assignment]  # not a parent field
        slug_field="slug", read_only=True
    )
    term_count = serializers.IntegerField()

    class Meta:
        model = Topic
        fields = ["slug", "name", "description", "parent", "term_count"]


class BundleSerializer(serializers.ModelSerializer[Bundle]):
    url = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()

    class Meta:
        model = Bundle
        fields = [
            "slug",
            "title",
            "url",
            "introduction",
            "byline",
            "reading_minutes",
            "source",
            "terms",
        ]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, bundle: Bundle) -> str:
        return absolute(self, bundle.get_absolute_url())

    @extend_schema_field(TermReferenceSerializer(many=True))
    def get_terms(self, bundle: Bundle) -> list[dict[str, Any]]:
        terms = [entry.term for entry in bundle.entries.all() if entry.term.is_public]
        return TermReferenceSerializer(terms, many=True, context=self.context).data  # type: ignore[return-value]


class SuggestQuerySerializer(serializers.Serializer[Any]):
    """The parameters of suggestions."""

    q = serializers.CharField(max_length=200, help_text="The beginning of a name.")
    lang = serializers.RegexField(rf"^{LANGUAGE_TAG}$", default="en")
    limit = serializers.IntegerField(min_value=1, max_value=20, default=8)


class NameSuggestionSerializer(serializers.Serializer[Any]):
    """A term to offer while one types."""

    def to_representation(self, suggestion: Any) -> dict[str, Any]:
        term = TermReferenceSerializer(suggestion.term, context=self.context).data
        return {
            **term,
            "matched": suggestion.matched,
            "stage": suggestion.stage,
            "gist": suggestion.gist,
        }

    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    url = serializers.URLField()
    matched = serializers.CharField(help_text="The name or alias that answers.")
    stage = serializers.CharField(help_text="How it answers: name, alias, inflected, …")
    gist = serializers.CharField(help_text="The first sentence of its first sense.")


class SuggestedSerializer(serializers.Serializer[Any]):
    results = NameSuggestionSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null.")
