from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from terms import rates, roles
from terms.models import Responsibility, Topic

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class LogInForm(AuthenticationForm):
    """Some tries a minute for each account from each address, wherever one logs in."""

    def clean(self) -> dict[str, Any]:
        if not isinstance(self.request, HttpRequest):
            return super().clean()
        who = (self.cleaned_data.get("username", "").casefold(), rates.address_of(self.request))
        if not rates.LOG_IN.allows_anyhow(*who):
            message = _("Too many tries. Wait a minute, then try again.")
            raise ValidationError(message, code="too_many")
        cleaned = super().clean()
        rates.LOG_IN.forget(*who)
        return cleaned


class AdminLogInForm(AdminAuthenticationForm, LogInForm):
    pass


class InvitationForm(forms.ModelForm["User"]):
    """An account without a password, with a role, and for an editor what they may publish."""

    role = forms.ChoiceField(label=_("Role"), choices=list(roles.LABELS.items()))
    whole = forms.BooleanField(label=_("May publish in the whole glossary"), required=False)
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.order_by("name"),
        required=False,
        label=_("May publish in these topics"),
        help_text=_("With all topics below them. For editors and administrators."),
    )

    class Meta:
        model = get_user_model()
        fields = ["username", "email"]
        labels = {"username": _("Name"), "email": _("E-mail")}
        help_texts = {"username": _("They log in with it. Others see it in the history.")}

    @transaction.atomic
    def save(self, commit: bool = True) -> "User":
        user: User = super().save(commit=False)
        user.set_unusable_password()
        user.save()
        roles.give_role(user, self.cleaned_data["role"])
        topics = [None] if self.cleaned_data["whole"] else self.cleaned_data["topics"]
        Responsibility.objects.bulk_create(
            Responsibility(user=user, topic=topic) for topic in topics
        )
        return user
