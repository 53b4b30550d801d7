"""What an address means: a term, another address, a choice, or something that is gone."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404

from terms import reading
from terms.models import Alias, Term
from terms.models.history import events_of
from terms.querysets import PUBLIC
from terms.text import LANGUAGE_TAG, slugify

_IN_LANGUAGE = re.compile(rf"/({LANGUAGE_TAG})(/.*)?", re.IGNORECASE | re.DOTALL)
_LETTER = re.compile(r"(?<=^/letter/).$", re.DOTALL)


@dataclass(frozen=True)
class Moved:
    term: Term


@dataclass(frozen=True)
class Many:
    name: str
    terms: list[Term]


@dataclass(frozen=True)
class Gone:
    name: str


def absolute(path: str) -> str:
    """The address that readers see, of a path of this site."""
    return f"{settings.LEXISPACE_URL}{path}"


def resolve(language: str, slug: str) -> Term | Moved | Many | Gone:
    """The public meaning of `/<language>/define/<slug>`. Raises Http404 when there is none.

    A term's own slug wins over aliases; whatever else is asked for is tried in normal form, so that
    `/en/define/C++` and `/en/define/Latent%20Space` arrive.
    """
    return reading.entry(language, slug) or led_to(language, slug)


def led_to(language: str, slug: str) -> Moved | Many | Gone:
    """The same of what is no term's own address."""
    terms = Term.objects.published().in_language(language)
    normal = slugify(slug)
    if normal != slug and (found := terms.filter(slug=normal).first()):
        return Moved(found)
    named = terms.filter(aliases__slug=normal).distinct().with_gists().alphabetical()[:50]
    if len(named) == 1:
        return Moved(named[0])
    if named:
        return Many(_alias_name(language, normal), list(named))
    if name := name_of_removed(language, normal):
        return Gone(name)
    raise Http404("There is no term at this address.")


def _alias_name(language: str, slug: str) -> str:
    alias = Alias.objects.filter(language=language, slug=slug, term__status__in=PUBLIC).first()
    return alias.name if alias else slug


def name_of_removed(language: str, slug: str) -> str | None:
    """The name of a term that was public at this address and has been deleted since."""
    event = (
        events_of(Term)
        .filter(language=language, slug=slug, status__in=PUBLIC, pgh_label="delete")
        .order_by("-pgh_created_at")
        .first()
    )
    return event.name if event else None


def tidied(path: str) -> tuple[str, str] | None:
    """The language that a path names, and what follows, as the addresses of this site are written.

    >>> tidied("/EN/define/x/"), tidied("/pt-br"), tidied("/en/letter/l"), tidied("//en/")
    (('en', '/define/x'), ('pt-BR', '/'), ('en', '/letter/L'), None)
    """
    if not (found := _IN_LANGUAGE.fullmatch(path)):
        return None
    rest = (found[2] or "").rstrip("/") or "/"
    return tag_of(found[1]), _LETTER.sub(lambda letter: letter[0].upper(), rest)


def tag_of(written: str) -> str:
    """A language tag in its usual capitals (RFC 5646, section 2.1.1).

    >>> tag_of("EN"), tag_of("zh-hant-tw")
    ('en', 'zh-Hant-TW')
    """
    language, *others = written.lower().split("-")
    cased = {2: str.upper, 4: str.title}
    return "-".join([language, *(cased.get(len(other), str)(other) for other in others)])
