from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from embeddings import steps
from embeddings.lookup import Mode, Strength
from embeddings.models import Space
from embeddings.steps import BadMark, Mark, Step, Toward
from terms.api.serializers import TermReferenceSerializer
from terms.models import Topic
from terms.search import MAX_QUERY


class SearchQuerySerializer(serializers.Serializer[Any]):
    """The parameters of a search."""

    q = serializers.CharField(
        max_length=MAX_QUERY, help_text="A name, or a description of a meaning."
    )
    lang = serializers.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", default="en", help_text="The language searched."
    )
    mode = serializers.ChoiceField(
        [mode.value for mode in Mode], default=Mode.ALL.value, help_text="Which stages take part."
    )
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)
    context = serializers.CharField(  # type: ignore[assignment]  # fields leave the class
        max_length=MAX_QUERY,
        default="",
        allow_blank=True,
        help_text="A sentence that the name stands in: it picks the sense.",
    )
    tuned = serializers.CharField(
        max_length=20,
        default="",
        allow_blank=True,
        help_text="The number of a tuning of the query side, by which the question is encoded.",
    )
    topic = serializers.SlugRelatedField[Topic](
        slug_field="slug",
        queryset=Topic.objects.published(),
        required=False,
        help_text="A topic's slug: only terms in it, subtopics included.",
    )
    mark = serializers.ListField(
        child=serializers.CharField(),
        default=list,
        help_text=(
            "“closer:” or “not:” and the key of a sense: moves the question. May be repeated."
        ),
    )

    def validate_mark(self, written: list[str]) -> list[Mark]:
        try:
            return steps.marks(written)
        except BadMark as error:
            raise serializers.ValidationError(str(error)) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["mark"] and attrs["mode"] in {Mode.NAMES, Mode.WORDS}:
            message = f"Marks move a question by meaning, which mode={attrs['mode']} leaves out."
            raise serializers.ValidationError({"mark": [message]})
        return attrs


class ExplainQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=MAX_QUERY, help_text="The question.")
    sense = serializers.CharField(max_length=40, help_text="The key of a sense.")


class WordSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    weight = serializers.FloatField(help_text="By how much the cosine falls without the word.")
    is_marked = serializers.BooleanField(help_text="Whether it is among those that count most.")


class ExplanationSerializer(serializers.Serializer[Any]):
    """Up to forty words of each text."""

    cosine = serializers.FloatField(help_text="Of the question and the definition.")
    question = WordSerializer(many=True)
    definition = WordSerializer(many=True)
    is_cut = serializers.BooleanField(help_text="Whether the definition goes on beyond these.")


class LimitSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=50, default=8)


class HitSenseSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    definition = serializers.CharField()


class WhySerializer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    field = serializers.CharField()
    matched = serializers.CharField(allow_blank=True)


class HitSerializer(serializers.Serializer[Any]):
    """A term found, the sense that answered, and why."""

    def to_representation(self, hit: Any) -> dict[str, Any]:
        term = TermReferenceSerializer(hit.term, context=self.context).data
        return {
            **term,
            "sense": HitSenseSerializer(hit.sense).data,
            "score": hit.score,
            "strength": hit.strength.value,
            "why": WhySerializer(hit.why._asdict()).data,
        }

    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    url = serializers.URLField()
    sense = HitSenseSerializer()
    score = serializers.FloatField(help_text="0–1; comparable within one stage only.")
    strength = serializers.ChoiceField([strength.value for strength in Strength])
    why = WhySerializer()


class StepSerializer(serializers.Serializer[Any]):
    """What one mark more did to the question."""

    mark = serializers.ChoiceField([toward.value for toward in Toward], source="mark.toward")
    slug = serializers.CharField(source="mark.sense.term.slug")
    sense = HitSenseSerializer(source="mark.sense")
    cosine = serializers.FloatField(help_text="Of the question to itself before this mark.")
    strength = serializers.ChoiceField(
        [strength.value for strength in Strength],
        help_text="Of the first hit that is not marked itself.",
    )
    entered = serializers.SerializerMethodField(
        help_text="The slugs of terms that came into the first ten, without those that are marked."
    )
    gained = serializers.BooleanField(help_text="Whether any did.")

    def get_entered(self, step: Step) -> list[str]:
        return [term.slug for term in step.entered]


EXAMPLE_ANSWER = {
    "results": [
        {
            "slug": "latent-space",
            "name": "latent space",
            "language": "en",
            "url": "http://127.0.0.1:8000/en/define/latent-space",
            "sense": {"key": "k7m2p9qa", "definition": "The space of a model's vectors …"},
            "score": 0.61,
            "strength": "strong",
            "why": {"stage": "meaning", "field": "definition", "matched": ""},
        }
    ],
    "next": None,
    "meaning": "ready",
    "space": "all-MiniLM-L6-v2",
    "contrast": None,
    "path": [],
}


class ContrastSerializer(serializers.Serializer[Any]):
    """What each of two definitions says and the other does not."""

    one = serializers.CharField(source="one.key", help_text="The key of a sense.")
    one_says = serializers.CharField()
    other = serializers.CharField(source="other.key")
    other_says = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("A description", value=EXAMPLE_ANSWER)])
class AnswerSerializer(serializers.Serializer[Any]):
    results = HitSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text="Always null: a search has one page.")
    meaning = serializers.ChoiceField(
        ["ready", "loading", "off"], help_text="Whether the answer took meaning into account."
    )
    space = serializers.CharField(
        source="space.name", default=None, allow_null=True, help_text="In which space, if so."
    )
    contrast = ContrastSerializer(
        allow_null=True, help_text="Where the first two are hardly told apart: how they differ."
    )
    path = StepSerializer(many=True, help_text="What each mark did, in their order.")


class TwoSpacesQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=MAX_QUERY, help_text="The question.")
    one = serializers.SlugRelatedField[Space](
        slug_field="name", queryset=Space.objects.all(), help_text="The name of a space."
    )
    other = serializers.SlugRelatedField[Space](
        slug_field="name", queryset=Space.objects.all(), help_text="The name of another one."
    )
    lang = serializers.RegexField(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", default="en")
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["one"] == asked["other"]:
            raise serializers.ValidationError({"other": "Choose two different spaces."})
        return asked


class RowSerializer(HitSerializer):
    """A hit, and where the other space has it."""

    def to_representation(self, row: Any) -> dict[str, Any]:
        return super().to_representation(row.hit) | {"other_rank": row.other_rank}

    other_rank = serializers.IntegerField(
        allow_null=True, help_text="Its rank in the other space; null where that shows it not."
    )


class HalfSerializer(serializers.Serializer[Any]):
    space = serializers.CharField(source="space.name")
    meaning = serializers.ChoiceField(
        ["ready", "loading", "off"], source="answer.meaning.value", help_text="As in a search."
    )
    results = RowSerializer(many=True, source="rows")


class TwoSpacesSerializer(serializers.Serializer[Any]):
    one = HalfSerializer()
    other = HalfSerializer()
    shared = serializers.IntegerField(help_text="How many terms both show.")


class SuggestionSerializer(serializers.Serializer[Any]):
    """A related term as the space suggests it; nearness is not synonymy."""

    term = TermReferenceSerializer()
    score = serializers.FloatField(help_text="The two-view score, at most 1.")
    cosine = serializers.FloatField(help_text="Cosine of the two entries.")


class RelatedSerializer(serializers.Serializer[Any]):
    results = SuggestionSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    model = serializers.CharField(allow_null=True, help_text="The model that computed them.")


class SpaceSerializer(serializers.ModelSerializer[Space]):
    senses = serializers.SerializerMethodField()

    class Meta:
        model = Space
        fields = [
            "name",
            "state",
            "model",
            "revision",
            "dimensions",
            "languages",
            "relatedness",
            "calibration",
            "created_at",
            "senses",
        ]

    @extend_schema_field(
        {
            "type": "object",
            "properties": {
                name: {"type": "integer"} for name in ("total", "embedded", "waiting", "parked")
            },
        }
    )
    def get_senses(self, space: Space) -> dict[str, int]:
        return space.progress().counts
