from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.forms import PasswordResetForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from terms import rates
from terms.accounts.forms import InvitationForm
from terms.accounts.links import DAYS, mail_link, password_link
from terms.models import Proposal
from terms.views.unsent import unsent, written

RECENT = 100  # of one's own proposals that are shown
View = Callable[..., HttpResponse]


def own_page(view: View) -> View:
    """For who is logged in; another for each, so that nobody keeps it."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated and written(request):
            return unsent(request)
        return login_required(view)(request, *args, **kwargs)

    return never_cache(page)


@own_page
def account(request: HttpRequest) -> HttpResponse:
    """What one has proposed, what became of it, and what one may do here."""
    mine = Proposal.objects.filter(proposer=request.user.pk).select_related("term", "decided_by")
    context = {"proposals": mine.order_by("-pk")[:RECENT]}
    return render(request, "accounts/account.html", context)


@own_page
@permission_required("auth.add_user", raise_exception=True)
def invite(request: HttpRequest) -> HttpResponse:
    """An account for somebody else. Its link is shown in the answer to the form, once."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        link = password_link(user)
        context = {"invited": user, "link": link, "days": DAYS, "is_sent": mail_link(user, link)}
        return render(request, "editing/invited.html", context)
    return render(request, "editing/invite.html", {"form": form})


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("The new password is set."))
        return super().form_valid(form)


class AskForLink(auth.PasswordResetView):
    """By e-mail, where that is set up; who has no account here is told the same."""

    template_name = "accounts/reset.html"
    email_template_name = "registration/reset_email.txt"
    subject_template_name = "registration/reset_subject.txt"
    extra_email_context = {"site": settings.LEXISPACE_URL, "days": DAYS}
    success_url = reverse_lazy("password_reset")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(can_mail=bool(settings.EMAIL_HOST), **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        address = form.cleaned_data["email"].casefold()
        if rates.RESET.allows_anyhow(address) and settings.EMAIL_HOST:
            super().form_valid(form)
        return self.render_to_response(self.get_context_data(sent_to=form.cleaned_data["email"]))
