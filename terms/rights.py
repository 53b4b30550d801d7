"""Who may take which step with a term. Asked by every way in: pages, the admin, REST, imports.

Drafting takes a permission. What readers see, before the step or after it, takes the right to
publish where the term belongs: in one of its topics, as it is stored and as it is to be.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from terms.entry import Entry
from terms.models import Proposal, Term, Topic
from terms.querysets import PUBLIC, ProposalQuerySet, TermQuerySet
from terms.text import slugify

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class Denied(PermissionDenied):
    """A step that the user may not take; its text says why, and what to do instead."""


def may_propose(user: "User | AnonymousUser") -> bool:
    return user.has_perm("terms.propose_term")


def may_publish(user: "User | AnonymousUser", topics: Iterable[Topic]) -> bool:
    """Whether the user may publish a term of these topics."""
    own = _topics_in_charge(user)
    return own is None or any(topic.pk in own for topic in topics)


def may_publish_somewhere(user: "User | AnonymousUser") -> bool:
    return _topics_in_charge(user) != set()


def publishable_by(user: "User | AnonymousUser", terms: TermQuerySet) -> TermQuerySet:
    """Those of the terms whose topics are the user's to publish in."""
    own = _topics_in_charge(user)
    return terms if own is None else terms.filter(senses__topics__in=own).distinct()


def changeable_by(user: "User | AnonymousUser", terms: TermQuerySet) -> TermQuerySet:
    """Those of the terms that `may_change` lets the user change, whatever their number is."""
    if not user.has_perm("terms.change_term"):
        return terms.none()
    own = publishable_by(user, Term.objects.all()).values("pk")
    return terms.filter(~Q(status__in=PUBLIC) | Q(pk__in=own))


@contextmanager
def read_once(user: "User | AnonymousUser") -> Iterator[None]:
    """Until it ends, the user is responsible for what they were when it began."""
    vars(user)["in_charge"] = _topics_in_charge(user)
    try:
        yield
    finally:
        del vars(user)["in_charge"]


def _topics_in_charge(user: "User | AnonymousUser") -> set[int] | None:
    """The ids of the topics in which the user may publish; None: the whole glossary."""
    if "in_charge" in vars(user):
        return vars(user)["in_charge"]
    if not user.has_perm("terms.publish_term"):
        return set()
    if user.is_superuser:
        return None
    own = set(user.responsibilities.values_list("topic_id", flat=True))  # type: ignore[union-attr]
    return None if None in own else Topic.objects.below(own)


def may_decide(user: "User | AnonymousUser", proposal: Proposal) -> bool:
    """Whether the user may accept or decline it: where it would change what they may change."""
    if not user.has_perm("terms.change_proposal"):
        return False
    term = proposal.term
    return may_change(user, term) if term else may_publish_somewhere(user)


def decidable_by(user: "User | AnonymousUser", proposals: ProposalQuerySet) -> ProposalQuerySet:
    """Those that `may_decide` lets the user decide, whatever their number is."""
    if not user.has_perm("terms.change_proposal"):
        return proposals.none()
    known = Q(term__in=changeable_by(user, Term.objects.all()))
    return proposals.filter(known | Q(term=None) if may_publish_somewhere(user) else known)


def may_change(user: "User | AnonymousUser", term: Term) -> bool:
    """Whether the user may change the term as it is."""
    may = user.has_perm("terms.change_term")
    return may and (not term.is_public or may_publish(user, topics_of(term)))


def may_delete(user: "User | AnonymousUser", term: Term) -> bool:
    may = user.has_perm("terms.delete_term")
    return may and (not term.is_public or may_publish(user, topics_of(term)))


def check_step(user: "User | AnonymousUser", term: Term | None, entry: Entry) -> None:
    """Raises Denied unless the user may make the term, new if None, say the entry."""
    check_start(user, term)
    check_end(user, entry.name, entry.status, topics_said(entry))


def check_start(user: "User | AnonymousUser", term: Term | None) -> None:
    """Raises Denied unless the user may change the term as it is, or add one."""
    if not user.has_perm("terms.change_term" if term else "terms.add_term"):
        raise Denied("You may not edit terms. Propose the change instead.")
    if term and not may_change(user, term):
        raise Denied(f"“{term}” is published in topics that others are responsible for.")


def check_end(
    user: "User | AnonymousUser", name: str, status: str, topics: Iterable[Topic]
) -> None:
    """Raises Denied unless the user may have a term of these topics in this status."""
    if status in PUBLIC and not may_publish(user, topics):
        raise Denied(
            f"You may not publish “{name}”: it is in no topic that you are responsible for."
            " Set it in review instead."
        )


def topics_of(term: Term) -> Iterable[Topic]:
    return Topic.objects.filter(senses__term=term).distinct()


def topics_said(entry: Entry) -> Iterable[Topic]:
    names = {slugify(name) for sense in entry.senses for name in sense.topics}
    return Topic.objects.filter(slug__in=names)
