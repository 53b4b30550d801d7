"""The four roles. A reader needs no account; the others are groups, which a migration makes.

What an editor may publish is decided by topic: terms/rights.py.
"""

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
    *_may(("view",), "topic", "miss"),
    *_may(("view", "change"), "proposal"),
    *(f"embeddings.{action}_pinnedquestion" for action in _EVERY),
}
ADMINISTER = {
    *EDIT,
    *_may(_EVERY, "source", "bundle", "topic", "responsibility"),
    *_may(("change", "view"), "glossary"),
    *_may(("delete",), "miss"),
    "terms.manage_apitoken",
    *(f"auth.{action}_user" for action in ("view", "add", "change")),
    "auth.view_group",
    *(f"embeddings.{action}_{model}" for action in _EVERY for model in ("space", "pending")),
}
ROLES = {CONTRIBUTORS: PROPOSE, EDITORS: EDIT, ADMINISTRATORS: ADMINISTER}
