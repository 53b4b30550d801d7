"""Who may take which step with a term. Asked by every way in: pages, the admin, REST, imports.

Drafting takes a permission. What readers see, before the step or after it, takes the right to
publish where the term belongs: in one of its topics, as it is stored and as it is to be.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from terms.entry import Entry
from terms.models import Proposal, Term, Topic
from terms.querysets import PUBLIC
from terms.text import slugify

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

PUBLISH = "terms.publish_term"


def may_propose(user: "User | AnonymousUser") -> bool:
    return user.has_perm("terms.propose_term")


def may_publish(user: "User | AnonymousUser", topics: Iterable[Topic]) -> bool:
    """Whether the user may publish a term of these topics."""
    if not user.has_perm(PUBLISH):
        return False
    if user.is_superuser:
        return True
    own = set(user.responsibilities.values_list("topic_id", flat=True))  # type: ignore[union-attr]
    return None in own or bool(own & Topic.objects.with_ancestors(topics))


def may_publish_somewhere(user: "User | AnonymousUser") -> bool:
    if not user.has_perm(PUBLISH):
        return False
    return user.is_superuser or user.responsibilities.exists()  # type: ignore[union-attr]


def may_decide(user: "User | AnonymousUser", proposal: Proposal) -> bool:
    """Whether the user may accept or decline it: where it would change what they may change."""
    if not user.has_perm("terms.change_proposal"):
        return False
    term = proposal.term
    return may_change(user, term) if term else may_publish_somewhere(user)


def may_change(user: "User | AnonymousUser", term: Term) -> bool:
    """Whether the user may change the term as it is."""
    may = user.has_perm("terms.change_term")
    return may and (not term.is_public or may_publish(user, topics_of(term)))


def may_delete(user: "User | AnonymousUser", term: Term) -> bool:
    may = user.has_perm("terms.delete_term")
    return may and (not term.is_public or may_publish(user, topics_of(term)))


def check_step(user: "User | AnonymousUser", term: Term | None, entry: Entry) -> None:
    """Raises PermissionDenied unless the user may make the term, new if None, say the entry."""
    if not user.has_perm("terms.change_term" if term else "terms.add_term"):
        raise PermissionDenied("You may not edit terms. Propose the change instead.")
    if term and not may_change(user, term):
        raise PermissionDenied(f"“{term}” is published in topics that others are responsible for.")
    if entry.status in PUBLIC and not may_publish(user, topics_said(entry)):
        raise PermissionDenied(
            f"You may not publish “{entry.name}”: it is in no topic that you are responsible for."
            " Set it in review instead."
        )


def topics_of(term: Term) -> Iterable[Topic]:
    return Topic.objects.filter(senses__term=term).distinct()


def topics_said(entry: Entry) -> Iterable[Topic]:
    names = {slugify(name) for sense in entry.senses for name in sense.topics}
    return Topic.objects.filter(slug__in=names)
