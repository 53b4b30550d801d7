"""An entry as JSON, the shape of DESIGN §6: as REST reads it, as drafts and proposals are kept."""

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers

from terms.entry import Address, AliasText, Citation, Entry, Link, SenseText
from terms.models import Alias, Relation, Term
from terms.models.fields import KEY_FORM
from terms.text import LANGUAGE_TAG
from terms.writing import Refused

KINDS = [*Relation.Kind.values, "narrower", "uses"]


class AliasJson(serializers.Serializer[AliasText]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(Alias.Kind.choices, default=Alias.Kind.SYNONYM)
    slug = serializers.CharField(required=False, allow_blank=True, default="")


class ExampleJson(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True)
    source = serializers.CharField(  # type: ignore[assignment]  # not DRF's own `source`
        allow_blank=True, default=""
    )


class SourceJson(serializers.Serializer[Citation]):
    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True, default="")
    licence = serializers.CharField(allow_blank=True, default="")


class TopicJson(serializers.CharField):
    """A slug or a name; or the object of both that a term is read with."""

    def to_internal_value(self, data: Any) -> str:
        named: Any = data.get("slug") if isinstance(data, dict) else data
        return super().to_internal_value(named)


class SenseJson(serializers.Serializer[SenseText]):
    key = serializers.RegexField(rf"^({KEY_FORM})?\Z", required=False, allow_blank=True, default="")
    definition = serializers.CharField(allow_blank=True)
    part_of_speech = serializers.CharField(allow_blank=True, default="")
    register = serializers.CharField(allow_blank=True, default="")
    examples = ExampleJson(many=True, default=list)
    topics = serializers.ListField(child=TopicJson(), default=list)
    sources = SourceJson(many=True, default=list)


class AddressJson(serializers.Serializer[Address]):
    language = serializers.RegexField(rf"^({LANGUAGE_TAG})?\Z", allow_blank=True, default="")
    slug = serializers.CharField()


class LinkedTermJson(AddressJson):
    name = serializers.CharField(required=False, allow_blank=True, default="")


class LinkJson(serializers.Serializer[Link]):
    kind = serializers.ChoiceField(KINDS, help_text="As read at the term.")
    term = LinkedTermJson()
    provenance = serializers.ChoiceField(
        Relation.Provenance.choices, default=Relation.Provenance.EDITOR
    )
    score = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=1
    )
    model = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)


class EntryJson(serializers.Serializer[Entry]):
    """The whole of a term. What is left out of it is empty, and its address made of its name."""

    name = serializers.CharField()
    slug = serializers.CharField(required=False, allow_blank=True, default="")
    language = serializers.RegexField(rf"^{LANGUAGE_TAG}\Z", default="en")
    status = serializers.ChoiceField(Term.Status.choices, default=Term.Status.DRAFT)
    replaced_by = AddressJson(required=False, allow_null=True, default=None)
    is_linked = serializers.BooleanField(default=True)
    aliases = AliasJson(many=True, default=list)
    senses = SenseJson(many=True, default=list)
    relations = LinkJson(many=True, default=list)


ENTRY = EntryJson()  # made once: its fields are copied for each that is made
ENTRY_FIELDS = frozenset(ENTRY.fields)


def to_json(entry: Entry) -> dict[str, Any]:
    """What `from_json` reads the same entry from."""
    return {
        "name": entry.name,
        "slug": entry.slug,
        "language": entry.language,
        "status": str(entry.status),
        "replaced_by": entry.replaced_by and entry.replaced_by._asdict(),
        "is_linked": entry.is_linked,
        "aliases": [alias._asdict() for alias in entry.aliases],
        "senses": [_sense(sense) for sense in entry.senses],
        "relations": [_link(link) for link in entry.relations],
    }


def _sense(sense: SenseText) -> dict[str, Any]:
    return {
        "key": sense.key,
        "definition": sense.definition,
        "part_of_speech": sense.part_of_speech,
        "register": sense.register,
        "examples": [{"text": text, "source": source} for text, source in sense.examples],
        "topics": list(sense.topics),
        "sources": [source._asdict() for source in sense.sources],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "term": {"language": link.language, "slug": link.slug, "name": link.name},
        "provenance": link.provenance,
        "score": link.score,
        "model": link.model,
    }


def from_json(data: Any) -> Entry:
    """The entry that `data` describes. Raises Refused, with paths, for any other shape."""
    return _entry(validated(ENTRY, data))


def validated(form: serializers.Serializer[Any], data: Any) -> dict[str, Any]:
    """What was sent, in the shape of the form. Raises Refused, with paths."""
    try:
        valid: dict[str, Any] = form.run_validation(data)
    except serializers.ValidationError as error:
        errors: dict[str, list[str]] = {}
        for path, message in flattened(error.detail):
            errors.setdefault(path, []).append(message)
        raise Refused(errors) from error
    return valid


def _entry(valid: dict[str, Any]) -> Entry:
    parts: dict[str, Any] = {
        "senses": [_read_sense(**sense) for sense in valid.pop("senses")],
        "aliases": [AliasText(**alias) for alias in valid.pop("aliases")],
        "relations": [_read_link(**link) for link in valid.pop("relations")],
    }
    if successor := valid.pop("replaced_by"):
        parts["replaced_by"] = Address(
            successor["language"] or valid["language"], successor["slug"]
        )
    return Entry(**valid, **parts)


def _read_sense(examples: Any, sources: Any, **sense: Any) -> SenseText:
    return SenseText(
        **sense,
        examples=[(example["text"], example["source"]) for example in examples],
        sources=[Citation(**source) for source in sources],
    )


def _read_link(term: dict[str, str], **link: Any) -> Link:
    language, slug = term["language"], term["slug"]
    return Link(name=term["name"] or slug, language=language, slug=slug, **link)


def flattened(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, message) of DRF's nested errors.

    >>> list(flattened({"senses": [{}, {"definition": ["Missing."]}]}))
    [('senses[1].definition', 'Missing.')]
    """
    if isinstance(detail, list) and all(isinstance(inner, str) for inner in detail):
        yield from ((path, str(message)) for message in detail)
    elif isinstance(detail, dict | list):
        pairs = detail.items() if isinstance(detail, dict) else enumerate(detail)
        for name, inner in pairs:
            yield from flattened(inner, _under(path, name))
    else:
        yield path, str(detail)


def _under(path: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    return path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
