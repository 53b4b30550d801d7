import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from terms.models import ApiToken, Scope


class Command(BaseCommand):
    help = "List the API tokens, make one (its secret is printed once), or revoke one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", metavar="list | make | revoke")
        listed = actions.add_parser("list", help="every token with its state (the default)")
        listed.add_argument("--user", help="only the tokens of this account")
        make = actions.add_parser("make", help="make a token and print its secret, this once")
        make.add_argument("user", help="the account that it acts for")
        make.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it may be used for; can be given several times (default: read)",
        )
        make.add_argument("--days", type=int, help="expires after so many days (default: never)")
        make.add_argument("--note", default="", help="what it is for")
        revoke = actions.add_parser("revoke", help="make a token useless, at once")
        revoke.add_argument("prefix", help="how it begins, as in the list: lex_ and 8 signs")
        for action in (listed, make, revoke):
            action.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "make":
                self._make(options)
            case "revoke":
                self._revoke(options["prefix"], as_json=options["json"])
            case _:
                self._list(options.get("user"), as_json=options.get("json", False))

    def _make(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and not 0 < days <= 36500:
            raise CommandError("--days is a number from 1 to 36500.")
        try:
            token, secret = ApiToken.make(
                owner=_account(options["user"]),
                scopes=options["scope"] or [Scope.READ],
                note=options["note"],
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self._say(secret, described(token) | {"secret": secret}, as_json=options["json"])

    def _revoke(self, prefix: str, *, as_json: bool) -> None:
        tokens = ApiToken.objects.filter(prefix=prefix)
        tokens.revoke()
        token = tokens.select_related("owner").first()
        if token is None:
            raise CommandError(f"No token begins with “{prefix}”.")
        self._say(line(token), described(token), as_json=as_json)

    def _list(self, user: str | None, *, as_json: bool) -> None:
        tokens = ApiToken.objects.select_related("owner")
        if user:
            tokens = tokens.filter(owner=_account(user))
        text = "\n".join(map(line, tokens)) or "There is no token."
        self._say(text, [described(token) for token in tokens], as_json=as_json)

    def _say(self, text: str, data: Any, *, as_json: bool) -> None:
        self.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def _account(name: str) -> Any:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no account “{name}”.")
    return user


def line(token: ApiToken) -> str:
    used = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"
    columns = [token.prefix, token.state, token.owner.get_username(), ",".join(token.scopes)]
    return "  ".join([*columns, f"last used: {used}", token.note]).strip()


def described(token: ApiToken) -> dict[str, Any]:
    times = ("created_at", "expires_at", "last_used_at", "revoked_at")
    return {
        "prefix": token.prefix,
        "owner": token.owner.get_username(),
        "scopes": list(token.scopes),
        "note": token.note,
        "state": token.state,
        **{name: _iso(getattr(token, name)) for name in times},
    }


def _iso(time: Any) -> str | None:
    return time.isoformat() if time else None
