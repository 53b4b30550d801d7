from typing import Self

from django.db import models
from django.db.models import Max


class ChangeQuerySet(models.QuerySet["Change"]):
    def after(self, cursor: int) -> Self:
        """What readers saw change since, in the order of the commits."""
        return self.filter(id__gt=cursor).exclude(former_slug="", slug="").order_by("id")

    def is_beyond(self, cursor: int) -> bool:
        """Whether no change can have had this id yet."""
        return cursor > (self.aggregate(last=Max("id"))["last"] or 0)


class Change(models.Model):
    """What a transaction did to a term that readers see, written by a trigger as it commits.

    The trigger first locks the glossary's row, which the transaction keeps until its commit is
    done. So ids are given in the order of the commits: who sees one sees every smaller one, and
    to follow them misses nothing, however writers overlap. No address: readers saw no term there.
    """

    revision = models.BigIntegerField()
    term_id = models.BigIntegerField()  # no foreign key: what was deleted is told for ever
    born_at = models.DateTimeField()
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    former_language = models.TextField(blank=True)
    former_slug = models.TextField(blank=True)
    language = models.TextField(blank=True)
    slug = models.TextField(blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["revision", "term_id"], name="change_once")]

    def __str__(self) -> str:
        return f"{self.action} {'/'.join(self.address)}"

    @property
    def action(self) -> str:
        """As readers see it: `created`, `changed` or `deleted`, which is to be withdrawn too."""
        if not self.slug:
            return "deleted"
        return "changed" if self.former_slug else "created"

    @property
    def address(self) -> tuple[str, str]:
        """(language, slug), of a deleted term the last."""
        return (self.language, self.slug) if self.slug else self.former_address

    @property
    def former_address(self) -> tuple[str, str]:
        return self.former_language, self.former_slug
