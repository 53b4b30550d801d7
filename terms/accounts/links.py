from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DAYS = settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)


def password_link(user: "User") -> str:
    """The address at which the account's password is set: once, within DAYS days."""
    coded = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return settings.LEXISPACE_URL + reverse("password_reset_confirm", args=[coded, token])


def mail_link(user: "User", link: str) -> bool:
    """Sends it to the account's owner. Says whether a server took the message."""
    text = render_to_string("registration/link_email.txt", {"user": user, "link": link})
    return mail(user, text)


def mail(user: "User", text: str) -> bool:
    """Sends a subject, a blank line and a body. Says whether a server took the message."""
    if not (settings.EMAIL_HOST and user.email):
        return False
    subject, _, body = text.partition("\n\n")
    try:
        return send_mail(subject, body, None, [user.email]) == 1
    except OSError:  # SMTPException is one
        return False
