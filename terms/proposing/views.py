"""Where terms and edits are proposed."""

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from redis import RedisError

from terms import markup, rates, rights
from terms.annotate import linkable, linked
from terms.entry import Entry, entry_of
from terms.mentions import look_up
from terms.models import Term
from terms.models.sense import MAX_DEFINITION
from terms.proposing.forms import EntryForms, nothing_changed
from terms.proposing.proposed import is_same, is_there, keep
from terms.text import LANGUAGE_TAG, slugify
from terms.views.pages import of_language, of_one_term
from terms.views.unsent import unsent, written

FORM = "terms/propose.html"


def may_enter(request: HttpRequest) -> bool:
    return settings.PROPOSALS_OPEN or rights.may_propose(request.user)


def turned_away(request: HttpRequest) -> HttpResponse:
    """Asked who one is; one whom that does not help is told so."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("To propose, your account has to be a contributor's."))
    if written(request):
        return unsent(request)
    return redirect_to_login(request.get_full_path())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_language
def propose_term(request: HttpRequest, language: str) -> HttpResponseBase:
    """A form for a term that is missing."""
    if not may_enter(request):
        return turned_away(request)
    name = request.GET.get("name", "")[:200]
    return _answer(request, Entry("", language=language, status=Term.Status.DRAFT), None, name)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_language
def propose_edit(request: HttpRequest, language: str, slug: str) -> HttpResponseBase:
    """The same with what the term says now. Of a term that readers do not see, it is a 404."""
    if not may_enter(request):
        return turned_away(request)
    return _edit_page(request, language, slug)


@of_one_term
def _edit_page(request: HttpRequest, term: Term) -> HttpResponse:
    term = Term.objects.get(pk=term.pk)  # with its version
    return _answer(request, entry_of(term), term, term.name)


def _answer(request: HttpRequest, base: Entry, term: Term | None, name: str) -> HttpResponse:
    if request.method != "POST":
        return _show(request, EntryForms(base, name=name), term)
    forms = EntryForms(base, request.POST)
    if request.POST.get("more") or request.POST.get("preview"):
        return _show(request, forms, term)
    if _is_refused(request, forms, term):
        return _show(request, forms, term, 400)
    if status := _too_many(request, forms):
        return _show(request, forms, term, status)
    note = forms.words.cleaned_data["note"]
    keep(forms.entry, base if term else None, term, by=request.user.pk, note=note)
    if request.user.is_authenticated:
        messages.success(request, _("Thank you. You see here what becomes of it."))
        return redirect("account")
    return render(request, "terms/proposed.html", {"term": term, "language": base.language})


def _is_refused(request: HttpRequest, forms: EntryForms, term: Term | None) -> bool:
    if not forms.is_valid(term):
        return True
    if term and request.POST.get("version") != str(term.version):
        changed = _("The entry has changed since. Compare, and send yours once more.")
        forms.words.add_error(None, changed)
    elif is_same(forms.entry, forms.base):
        forms.words.add_error(None, nothing_changed())
    elif not term and is_there(forms.entry):
        there = _("There is an entry of this name. Suggest an edit of it instead.")
        forms.words.add_error("name", there)
    return bool(forms.words.errors)


def _too_many(request: HttpRequest, forms: EntryForms) -> int:
    """The status of a refusal, or 0. Without Redis, who has no account cannot write at all."""
    if request.user.is_authenticated:
        return 0
    try:
        if rates.PROPOSE.allows(rates.address_of(request)):
            return 0
    except RedisError:
        closed = _("Only who is logged in can propose just now. Log in, or try again later.")
        forms.words.add_error(None, closed)
        return 503
    forms.words.add_error(None, _("These are many proposals. Go on in an hour, or log in."))
    return 429


def _show(
    request: HttpRequest, forms: EntryForms, term: Term | None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"forms": forms, "term": term, "language": forms.base.language}
    return render(request, FORM, context, status=status)


@never_cache
@require_POST
def definition_preview(request: HttpRequest) -> HttpResponse:
    """A definition as readers will see it; with `language`, with the links to other terms.

    `slug` is the term's own, which it does not link to.
    """
    if not may_enter(request):
        raise PermissionDenied
    html = markup.html(request.POST.get("definition", "")[:MAX_DEFINITION])
    language = request.POST.get("language", "")
    if not re.fullmatch(LANGUAGE_TAG, language):
        return HttpResponse(html)
    own = reverse("term", args=[language, slugify(request.POST.get("slug", "")[:200])])
    return HttpResponse(linked([html], look_up(linkable(html), language), [own])[0])
