"""What somebody may not do with a term: said on its form, with why, and what it takes."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from terms import rights
from terms.models import Term, Topic

TAKES = "It takes a responsibility {}for the whole glossary, given under “May publish in” on {}."


def limits(user: Any, term: Term | None) -> str:
    """Of the term as it is stored, None for one to be added; nothing where all may be done."""
    topics = list(rights.topics_of(term)) if term else []
    if term and not rights.may_change(user, term):
        said = "You may look at this term, but not change it"
    elif rights.may_publish(user, topics) if term else rights.may_publish_somewhere(user):
        return ""
    else:
        said = "You may write a draft and set it in review, but not publish it"
    if not user.has_perms(["terms.change_term", "terms.publish_term"]):
        return f"{said}: that takes the role of an editor."
    return format_html("{}: {}. {}", said, _why(term, topics), _remedy(user, term, topics))


def _why(term: Term | None, topics: list[Topic]) -> str:
    if term is None:
        return "you are responsible for no topic"
    why = "you are responsible for none of its topics" if topics else "it has no topic"
    return f"it is public, and {why}" if term.is_public else why


def _remedy(user: Any, term: Term | None, topics: list[Topic]) -> SafeString:
    names = ", ".join(f"“{topic}”" for topic in topics)
    some = "" if term else "for its topic or "
    return format_html(TAKES, f"for one of them ({names}) or " if topics else some, _account(user))


def _account(user: Any) -> str:
    """With a link for those who may give themselves what they lack."""
    if not user.has_perm("auth.change_user"):
        return "your account by an administrator"
    address = reverse("admin:auth_user_change", args=[user.pk])
    return format_html('<a href="{}">your account</a>', address)
