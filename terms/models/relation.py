from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from terms.models.history import tracked
from terms.models.triggers import touches_term
from terms.querysets import RelationQuerySet

if TYPE_CHECKING:
    from terms.models.term import Term


@tracked()
class Relation(models.Model):
    """A link between two terms, made or accepted by an editor, or imported."""

    class Kind(models.TextChoices):
        RELATED = "related", _("related")
        BROADER = "broader", _("broader")
        ANTONYM = "antonym", _("antonym")
        SEE_ALSO = "see_also", _("see also")
        TRANSLATION = "translation", _("translation")
        USED_IN = "used_in", _("used in")

    class Provenance(models.TextChoices):
        EDITOR = "editor", _("editor")
        SUGGESTION = "suggestion", _("accepted suggestion")
        IMPORT = "import", _("import")

    SYMMETRIC = (Kind.RELATED, Kind.ANTONYM, Kind.SEE_ALSO, Kind.TRANSLATION)

    from_term = models.ForeignKey("terms.Term", models.CASCADE, related_name="relations_out")
    to_term = models.ForeignKey("terms.Term", models.CASCADE, related_name="relations_in")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.RELATED)
    provenance = models.CharField(
        max_length=10, choices=Provenance.choices, default=Provenance.EDITOR
    )
    score = models.FloatField(null=True, blank=True, help_text=_("Nearness when suggested, 0–1."))
    model = models.CharField(max_length=120, blank=True, default="")

    from_term_id: int
    to_term_id: int

    objects = RelationQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_term", "to_term", "kind"],
                name="relation_once",
                violation_error_message="This relation is there already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_term=models.F("to_term")),
                name="relation_no_loop",
                violation_error_message="A term is not related to itself.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["broader", "used_in"])
                | models.Q(from_term__lt=models.F("to_term")),
                name="relation_symmetric_once",
                violation_error_message="A symmetric relation is stored from the older term.",
            ),
        ]
        triggers = touches_term("{row}.from_term_id", "{row}.to_term_id")

    def __str__(self) -> str:
        return f"{self.from_term} {self.get_kind_display()} {self.to_term}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.put_in_order()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def other_end(self, term: "Term") -> "Term":
        return self.to_term if term.id == self.from_term_id else self.from_term

    def kind_seen_from(self, term: "Term") -> str:
        return seen_from(term.id, self)[0]

    def label_seen_from(self, term: "Term") -> str:
        return str(LABELS[self.kind_seen_from(term)])

    def put_in_order(self) -> None:
        """A symmetric relation is stored once, from the lower id to the higher."""
        if self.kind in self.SYMMETRIC and self.from_term_id > self.to_term_id:
            self.from_term_id, self.to_term_id = self.to_term_id, self.from_term_id

    def clean(self) -> None:
        """What the constraints say, in words: a form inside a term's leaves their columns out."""
        if not (self.from_term_id and self.to_term_id):
            return
        if self.from_term_id == self.to_term_id:
            raise ValidationError(_("A term is not related to itself."))
        if self.is_there():
            raise ValidationError(_("This relation is there already."))

    def is_there(self) -> bool:
        """Whether another row says the same."""
        ends = {(self.from_term_id, self.to_term_id)}
        if self.kind in self.SYMMETRIC:
            ends.add((self.to_term_id, self.from_term_id))
        same = Relation.objects.filter(kind=self.kind).exclude(pk=self.pk)
        return any(same.filter(from_term=one, to_term=other).exists() for one, other in ends)


INVERSE = {"broader": "narrower", "used_in": "uses"}


def seen_from(term_id: int, relation: Any) -> tuple[str, int]:
    """A relation, stored or recorded, as read at a term: its kind, and the id of the other end.

    “Broader” turned round is “narrower”.
    """
    if relation.from_term_id == term_id:
        return relation.kind, relation.to_term_id
    return INVERSE.get(relation.kind, relation.kind), relation.from_term_id


LABELS = {**dict(Relation.Kind.choices), "narrower": _("narrower"), "uses": _("uses")}
