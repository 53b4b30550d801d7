from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from terms.accounts.links import password_link

USER = "admin"


class Command(BaseCommand):
    help = (
        "Print a link by which the administrator's password is set. It works once, for three days;"
        " until then the account has no password at all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--user", default=USER, help="the administrator's name (default: admin)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        user, created = users.get_or_create(
            username=options["user"], defaults={"is_staff": True, "is_superuser": True}
        )
        if created:
            user.set_unusable_password()
            user.save()
        self.stdout.write(password_link(user))
