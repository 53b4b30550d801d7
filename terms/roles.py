"""The four roles. A reader needs no account; the others are groups, which a migration makes.

What an editor may publish is decided by topic: terms/rights.py.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONTRIBUTORS, EDITORS, ADMINISTRATORS = "contributors", "editors", "administrators"

_PARTS = ("sense", "example", "alias", "relation")
_EVERY = ("view", "add", "change", "delete")


def _may(actions: tuple[str, ...], *models: str) -> set[str]:
    return {f"terms.{action}_{model}" for action in actions for model in models}


PROPOSE = {"terms.propose_term"}
EDIT = {
    *PROPOSE,
    "terms.publish_term",
    *_may(_EVERY, "term", *_PARTS),
    *_may(("view", "add", "change"), "source", "bundle", "bundleentry"),
    *_may(("delete",), "bundleentry"),
    *_may(("view",), "topic", "miss", "release"),
    *_may(("view", "change"), "proposal"),
    *_may(("view", "add"), "importrun"),
    *(
        f"embeddings.{action}_{model}"
        for action in _EVERY
        for model in ("pinnedquestion", "direction")
    ),
}
ADMINISTER = {
    *EDIT,
    *_may(_EVERY, "source", "bundle", "topic", "responsibility"),
    *_may(("change", "view"), "glossary"),
    *_may(("add", "change"), "release"),
    *_may(("delete",), "miss"),
    "terms.manage_apitoken",
    *(f"auth.{action}_user" for action in ("view", "add", "change")),
    "auth.view_group",
    *(
        f"embeddings.{action}_{model}"
        for action in _EVERY
        for model in ("space", "pending", "tuning")
    ),
}
ROLES = {CONTRIBUTORS: PROPOSE, EDITORS: EDIT, ADMINISTRATORS: ADMINISTER}
LABELS = {
    CONTRIBUTORS: _("Contributor: proposes"),
    EDITORS: _("Editor: drafts, and publishes in topics of their own"),
    ADMINISTRATORS: _("Administrator: edits, invites, sets up"),
}


def role_of(user: "User") -> str:
    """The name of the highest of the user's groups that are roles, or nothing."""
    held = set(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
    return next((role for role in reversed(ROLES) if role in held), "")


def give_role(user: "User", role: str) -> None:
    """Makes it the user's only role. Only editors and administrators enter the admin."""
    group_model = user.groups.model
    user.groups.remove(*user.groups.filter(name__in=ROLES))
    user.groups.add(*group_model.objects.filter(name=role))
    user.is_staff = user.is_superuser or role in {EDITORS, ADMINISTRATORS}
    user.save(update_fields=["is_staff"])
