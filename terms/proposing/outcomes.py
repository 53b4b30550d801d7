"""Mails proposers what became of a proposal. What is to be told stands in the database."""

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from terms.accounts.links import mail
from terms.interface import language_for
from terms.models import Proposal


def tell_proposers() -> int:
    """Mails what was decided and is not told yet; returns how many.

    A message that no server takes is tried again, until it is no news any more.
    """
    if not settings.EMAIL_HOST:
        return 0
    return sum(_tell(pk) for pk in list(Proposal.objects.untold().values_list("pk", flat=True)))


@transaction.atomic
def _tell(pk: int) -> bool:
    """One outcome; False when another process has it, or when no server takes it."""
    free = Proposal.objects.untold().select_for_update(skip_locked=True, of=("self",))
    proposal = free.select_related("proposer", "term").filter(pk=pk).first()
    if proposal is None or proposal.proposer is None:
        return False
    is_sent = mail(proposal.proposer, message(proposal))
    if is_sent:
        Proposal.objects.filter(pk=pk).update(told_at=timezone.now())
    return is_sent


def message(proposal: Proposal) -> str:
    """Its subject, a blank line and its text, in the language of the term."""
    term = proposal.term if proposal.term and proposal.term.is_public else None
    context = {
        "proposal": proposal,
        "address": settings.LEXISPACE_URL
        + (term.get_absolute_url() if term else reverse("account")),
    }
    with translation.override(language_for(proposal.entry["language"])):
        return render_to_string("accounts/outcome_email.txt", context)
