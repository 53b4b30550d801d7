"""The editors' queue: what waits, the oldest first, and the pages on which it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from terms import markup, rights
from terms.accounts.views import own_page
from terms.comparing import compared
from terms.conflicts import questions
from terms.editing import Stale
from terms.entry import Entry, SenseText, entries_of
from terms.merging import MINE, Merged
from terms.models import Proposal, Term
from terms.models.proposal import MAX_NOTE
from terms.models.relation import LABELS
from terms.proposing import decisions
from terms.proposing.decisions import Decided, decidable
from terms.proposing.forms import EntryForms
from terms.proposing.proposed import seen
from terms.revisions import Edit
from terms.text import TextError, clean
from terms.writing import Refused

PAGE = 20
KEYS = [
    ("j k", _("Go to the next proposal, or the one before")),
    ("a", _("Accept it")),
    ("e", _("Amend it before accepting")),
    ("d", _("Decline it, with a reason")),
]


@dataclass(frozen=True)
class Waiting:
    """A proposal beside the present term."""

    proposal: Proposal
    entry: Entry
    edits: list[Edit]
    is_contested: bool

    @property
    def definitions(self) -> list[tuple[SenseText, SafeString]]:
        """Of a new term: each sense as readers will see it."""
        return [(sense, markup.html(sense.definition)) for sense in self.entry.senses]

    @property
    def relations(self) -> list[tuple[str, str]]:
        return [(str(LABELS[link.kind]), link.name) for link in self.entry.relations]


@own_page
def queue(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("terms.change_proposal"):
        raise PermissionDenied
    found = rights.decidable_by(request.user, Proposal.objects.open())
    page = Paginator(found.select_related("term", "proposer"), PAGE).get_page(_page(request))
    context = {"waiting": list(waiting(list(page))), "page": page, "keys": KEYS}
    return render(request, "editing/queue.html", context)


def _page(request: HttpRequest) -> str:
    """The page of the queue from which one comes: its last one if it is no more."""
    return request.GET.get("page", "1")


def back(request: HttpRequest) -> HttpResponse:
    """To that page."""
    at = "" if _page(request) == "1" else "?" + urlencode({"page": _page(request)})
    return redirect(reverse("queue") + at)


def waiting(proposals: list[Proposal]) -> Iterator[Waiting]:
    """The proposals beside their terms, which are read together."""
    terms = Term.objects.filter(pk__in={p.term_id for p in proposals}).order_by("pk")
    stored = dict(zip(terms.values_list("pk", flat=True), entries_of(terms), strict=True))
    for proposal in proposals:
        yield _waiting(proposal, stored.get(proposal.term_id or 0))


def _waiting(proposal: Proposal, present: Entry | None) -> Waiting:
    found = decisions.merged(proposal, present, otherwise=MINE)
    edits = compared(present, found.entry) if present else []
    return Waiting(proposal, found.entry, edits, bool(found.conflicts))


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, number: int) -> HttpResponse:
    """The proposal as a form, to be mended before it is accepted."""
    proposal = decidable(_user(request), number)
    present = decisions.present(proposal)
    found = decisions.merged(proposal, present, otherwise=MINE)
    every = Term.objects.all()
    base = seen(found.entry, every)
    forms = EntryForms(base, request.POST if request.method == "POST" else None, every)
    is_final = request.method == "POST" and not {"more", "preview"} & {*request.POST}
    if is_final and forms.is_valid(proposal.term):
        entry = forms.entry if present else decisions.as_accepted(forms.entry, _user(request))
        if done := _accepted(request, proposal, entry, _version(request), forms):
            return done
    context = {"forms": forms, "row": _waiting(proposal, present), "proposal": proposal}
    return render(request, "editing/amend.html", context, status=400 if is_final else 200)


@own_page
@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """As it is; where both it and the term have changed, after a page that asks which to keep."""
    proposal = decidable(_user(request), number)
    present = decisions.present(proposal)
    seen = proposal.term.version if proposal.term else None
    choices = request.POST.dict() if _version(request) == seen else {}
    found = decisions.merged(proposal, present, choices)
    if found.conflicts:
        return merge_page(request, found, proposal)
    entry = found.entry if present else decisions.as_accepted(found.entry, _user(request))
    return _accepted(request, proposal, entry, seen) or redirect("proposal", number)


def merge_page(request: HttpRequest, found: Merged, proposal: Proposal) -> HttpResponse:
    rows = questions(found.conflicts)
    context = {"rows": rows, "proposal": proposal, "term": proposal.term}
    return render(request, "editing/merge.html", context, status=409)


@own_page
@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    proposal = decidable(_user(request), number)
    try:
        if not (answer := _answer(request)):
            messages.error(request, gettext("Say why: the proposer reads it."))
            return redirect("proposal", number)
        decisions.decline(proposal, by=_user(request), answer=answer)
        messages.success(request, gettext("“%(name)s” is declined.") % {"name": proposal})
    except Decided:
        _say_decided(request, proposal)
    except TextError as error:
        _say_unreadable(request, error)
        return redirect("proposal", number)
    return back(request)


@own_page
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Taken back by who proposed it."""
    found = Proposal.objects.filter(pk=number, proposer=_user(request)).first()
    if found is None:
        raise Http404
    try:
        decisions.withdraw(found)
    except Decided:
        _say_decided(request, found)
    return redirect("account")


def _accepted(
    request: HttpRequest,
    proposal: Proposal,
    entry: Entry,
    version: int | None,
    forms: EntryForms | None = None,
) -> HttpResponse | None:
    """Back to the queue, with what was done; None when something stands in the way."""
    try:
        answer = _answer(request)
        term = decisions.accept(proposal, entry, by=_user(request), version=version, answer=answer)
    except Decided:
        _say_decided(request, proposal)
        return back(request)
    except TextError as error:
        _say_unreadable(request, error)
    except Stale as stale:
        messages.warning(request, _stale(stale))
    except Refused as refused:
        if forms:
            forms.note(refused.errors)
        else:
            messages.error(
                request, gettext("It cannot be kept as it is: %(why)s") % {"why": refused}
            )
    else:
        messages.success(request, _done(term))
        return back(request)
    return None


def _say_decided(request: HttpRequest, proposal: Proposal) -> None:
    """Who sent the same form twice was first, too."""
    now = Proposal.objects.select_related("decided_by").get(pk=proposal.pk)
    said = {"who": now.decided_by or gettext("Somebody"), "name": now}
    if now.decided_by == request.user:
        messages.success(request, _decided(now) % said)
    elif now.state == Proposal.State.ACCEPTED:
        told = gettext("%(who)s was first: “%(name)s” is accepted already.")
        messages.warning(request, told % said)
    else:
        told = gettext("%(who)s was first: “%(name)s” is declined or withdrawn already.")
        messages.warning(request, told % said)


def _decided(proposal: Proposal) -> str:
    if proposal.state == Proposal.State.ACCEPTED:
        return gettext("“%(name)s” is accepted.")
    return gettext("“%(name)s” is declined.")


def _done(term: Term) -> str:
    if term.is_public:
        return gettext("“%(name)s” is accepted and published.") % {"name": term}
    return gettext("“%(name)s” is accepted, and kept unpublished.") % {"name": term}


def _stale(stale: Stale) -> str:
    if stale.term is None:
        return gettext("The term was deleted.")
    return gettext("The term has changed since you opened it.")


def _say_unreadable(request: HttpRequest, error: TextError) -> None:
    told = gettext("In what the proposer would read is %(what)s.")
    messages.error(request, told % {"what": error})


def _answer(request: HttpRequest) -> str:
    """What the proposer will read. Raises TextError."""
    return clean(request.POST.get("answer", ""))[:MAX_NOTE]


def _version(request: HttpRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else None


def _user(request: HttpRequest) -> Any:
    return request.user
