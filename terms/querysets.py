"""The vocabulary in which terms are asked for. `published()` is the only public way in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Count, Exists, F, Func, Max, OuterRef, Prefetch, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from terms.daily import drawn

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from terms.models import (  # noqa: F401 - named as strings below
        ApiToken,
        Bundle,
        Proposal,
        Relation,
        Sense,
        Term,
        Topic,
    )

PUBLIC = ("published", "deprecated")
STALE = timedelta(days=365)
PROPOSING = 7_201_003  # the lock by which a form that is sent twice proposes once
NEWS = timedelta(days=1)
EXAMPLED, SOURCED = Q(examples__isnull=False), Q(sources__isnull=False)


class DeletionKeys(Func):
    """SQL `deletion_keys(text)`: what a name is found by when it, or the question, errs."""

    function = "deletion_keys"
    output_field = ArrayField(models.IntegerField())


class TermQuerySet(models.QuerySet["Term"]):
    def published(self) -> Self:
        """What the public may see. Deprecated terms stay readable; drafts and reviews do not."""
        return self.filter(status__in=PUBLIC)

    def in_language(self, language: str) -> Self:
        return self.filter(language=language)

    def at(self, language: str, slug: str) -> Self:
        """The one that has this very address, if any."""
        return self.filter(language=language, slug=slug)

    def at_any(self, addresses: Collection[tuple[str, str]]) -> Self:
        """Those at these addresses (language, slug), and some that have one's language only."""
        languages, slugs = ({address[n] for address in addresses} for n in (0, 1))
        return self.filter(language__in=languages, slug__in=slugs)

    def ids_at(self, addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The ids of those at these addresses."""
        if not addresses:
            return {}
        rows = self.at_any(addresses).values_list("language", "slug", "id")
        return {(language, slug): pk for language, slug, pk in rows}

    def about(self, topics: TopicQuerySet) -> Self:
        """Terms with a sense in one of the topics."""
        return self.filter(senses__topics__in=topics).distinct()

    def in_bundle(self, bundle_slug: str) -> Self:
        return self.filter(places__bundle__slug=bundle_slug)

    def starting_with(self, letter: str) -> Self:
        """By the beginning of the name as it is compared."""
        return self.filter(name_key__startswith=letter.lower())

    def named(self, names: Sequence[str]) -> Self:
        """Whose names are among these, as names are compared."""
        keys = RawSQL("SELECT name_key(name) FROM unnest(%s::text[]) name", [list(names)])
        return self.filter(name_key__in=keys)

    def alphabetical(self) -> Self:
        return self.order_by("name_key", "id")

    def recently_changed(self) -> Self:
        return self.order_by("-updated_at", "id")

    def current(self) -> Self:
        """Public terms, without those that another one stands for."""
        return self.published().filter(replaced_by=None)

    def of_the_day(self, day: date) -> Term | None:
        """One of the terms that are recommended, another each day, the same for everybody."""
        terms = self.filter(status="published").order_by("id")
        place = drawn(day.isoformat(), terms.count())
        return terms.with_gists()[place : place + 1].first()

    def stale(self) -> Self:
        """Public terms that nobody has changed for a year."""
        return self.published().filter(updated_at__lt=timezone.now() - STALE)

    def in_review(self) -> Self:
        """Terms that wait for a decision, the longest first; `since`: when they were sent there."""
        from terms.models import Term
        from terms.models.history import events_of

        # By a sum, lest the planner walk the events of all terms in the order of their ids.
        by_age = F("pgh_id") + 0
        own = events_of(Term).filter(pgh_obj=OuterRef("pk"))
        before = own.exclude(status="review").order_by(by_age.desc()).values("pgh_id")[:1]
        sent = own.filter(pgh_id__gt=OuterRef("after")).order_by(by_age)
        return (
            self.filter(status="review")
            .annotate(after=Coalesce(Subquery(before), 0))
            .annotate(since=Coalesce(Subquery(sent.values("pgh_created_at")[:1]), F("updated_at")))
            .order_by("since", "id")
        )

    def without_examples(self) -> Self:
        """Public terms without an example in any sense."""
        return self.published().exclude(id__in=_senses().filter(EXAMPLED).values("term"))

    def without_sources(self) -> Self:
        """Public terms without a source in any sense."""
        return self.published().exclude(id__in=_senses().filter(SOURCED).values("term"))

    def in_block(self, block: int, size: int) -> Self:
        """Terms by id, `size` ids at a time from 0 on, with what an address needs."""
        block_of_ids = self.filter(id__gte=block * size, id__lt=(block + 1) * size)
        return block_of_ids.only("language", "slug", "updated_at").order_by("id")

    def changed_by_block(self, size: int) -> models.QuerySet[Term, tuple[int, datetime]]:
        """(block, last change in it) for each block of ids that is not empty."""
        blocks = self.annotate(block=F("id") / size).values_list("block").order_by("block")
        return blocks.annotate(Max("updated_at"))

    def with_gists(self) -> Self:
        """Enough of each term for a list: its first sense."""
        earlier = _senses().filter(term=OuterRef("term"), position__lt=OuterRef("position"))
        return self.prefetch_related(Prefetch("senses", _senses().filter(~Exists(earlier))))

    def with_definitions(self) -> Self:
        """Senses in order, and nothing of what belongs to them."""
        return self.prefetch_related(Prefetch("senses", _senses().order_by("position")))

    def with_senses(self) -> Self:
        """Senses in order, with examples, topics and sources; and the aliases."""
        return self.prefetch_related(
            Prefetch(
                "senses",
                _senses().order_by("position").prefetch_related("examples", "topics", "sources"),
            ),
            "aliases",
        )


def _senses() -> models.QuerySet[Sense]:
    from terms.models import Sense  # the models import this module

    return Sense.objects.all()


class SenseQuerySet(models.QuerySet["Sense"]):
    def published(self) -> Self:
        """Senses of public terms."""
        return self.filter(term__status__in=PUBLIC)


class TermManager(models.Manager.from_queryset(TermQuerySet)):  # type: ignore[misc]  # made at run time
    def free_slug(self, language: str, slug: str) -> str:
        """`slug`, or `slug-2`, `slug-3` …: the first that no term of the language has."""
        taken = set(
            self.filter(language=language, slug__startswith=slug).values_list("slug", flat=True)
        )
        candidates = (f"{slug}-{n}" for n in range(2, len(taken) + 3))
        return slug if slug not in taken else next(c for c in candidates if c not in taken)


class RelationQuerySet(models.QuerySet["Relation"]):
    def of(self, term: Term) -> Self:
        """Every relation that has the term at either end."""
        return self.filter(Q(from_term=term) | Q(to_term=term))

    def between_public(self) -> Self:
        return self.filter(from_term__status__in=PUBLIC, to_term__status__in=PUBLIC)


class TopicQuerySet(models.QuerySet["Topic"]):
    def published(self) -> Self:
        """Topics with at least one public term in them or below.

        UNION drops what was there already, so that it ends even where the tree has a ring.
        """
        with_terms = RawSQL(
            """
            WITH RECURSIVE public(id) AS (
                SELECT place.topic_id FROM terms_sense_topics place
                JOIN terms_sense sense ON sense.id = place.sense_id
                JOIN terms_term term ON term.id = sense.term_id AND term.status = ANY(%s)
                UNION SELECT parent_id FROM terms_topic JOIN public USING (id)
                WHERE parent_id IS NOT NULL)
            SELECT id FROM public
            """,
            [list(PUBLIC)],
        )
        return self.filter(id__in=with_terms)

    def with_descendants(self, slug: str) -> Self:
        """The topic and everything below it; a tree of a few hundred nodes is walked in memory."""
        roots = self.model.objects.filter(slug=slug).values_list("id", flat=True)
        return self.filter(id__in=self.below(roots))

    def below(self, topics: Iterable[int | None]) -> set[int]:
        """The ids of these topics and of all below them."""
        parents = dict(self.model.objects.values_list("id", "parent_id"))
        roots = set(topics)
        return {topic for topic in parents if roots & set(_ancestry(topic, parents))}

    def with_counts(self) -> Self:
        """`term_count`: public terms that have a sense in the topic itself."""
        return self.annotate(
            term_count=Count(
                "senses__term", distinct=True, filter=Q(senses__term__status__in=PUBLIC)
            )
        )


def _ancestry(topic: int | None, parents: Mapping[int, int | None]) -> Iterable[int | None]:
    seen: list[int | None] = []
    while topic is not None and topic not in seen:
        seen.append(topic)
        topic = parents.get(topic)
    return seen


class BundleQuerySet(models.QuerySet["Bundle"]):
    def published(self) -> Self:
        """Bundles with at least one public term."""
        from terms.models import BundleEntry

        public = BundleEntry.objects.filter(bundle=OuterRef("pk"), term__status__in=PUBLIC)
        return self.filter(Exists(public))


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self) -> Self:
        """Those that wait, the oldest first."""
        return self.filter(state="open").order_by("created_at", "id")

    @transaction.atomic
    def keep(self, **fields: Any) -> Proposal:
        """The proposal, made unless the very same waits already: a form was sent twice."""
        with connection.cursor() as cursor:
            name = str(fields["entry"]["name"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PROPOSING, name])
        said = {name: value for name, value in fields.items() if name != "base"}
        return self.open().filter(**said).first() or self.create(**fields)

    def untold(self) -> Self:
        """Decided by others within the last day; the proposer has an address and no mail of it."""
        decided = self.filter(
            told_at=None,
            decided_at__gt=timezone.now() - NEWS,
            state__in=["accepted", "declined"],
            proposer__is_active=True,
        )
        return decided.exclude(proposer__email="").exclude(decided_by=F("proposer"))

    def decide(self, state: str, by: User, answer: str = "") -> bool:
        """Only one of several at once decides; says whether it was this one."""
        fields = {"decided_by": by, "decided_at": timezone.now(), "answer": answer}
        return self.filter(state="open").update(state=state, **fields) == 1


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def with_digest(self, digest: str) -> ApiToken | None:
        """The token with its owner, in one read of an index."""
        return self.select_related("owner").filter(digest=digest).first()

    def within_sight_of(self, user: User | AnonymousUser) -> Self:
        """One's own; those of everybody for who may manage them."""
        return self.all() if user.has_perm("terms.manage_apitoken") else self.filter(owner=user.pk)

    def revoke(self) -> int:
        """From the next request on they open nothing. Returns how many were not revoked before."""
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())

    def used(self, at: datetime) -> None:
        """Best effort: a row that is locked, or a database that only reads, is passed by."""
        with suppress(DatabaseError), transaction.atomic():
            free = self.select_for_update(skip_locked=True)
            self.model.objects.filter(pk__in=free.values("pk")).update(last_used_at=at)
