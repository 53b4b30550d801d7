"""Terms and what belongs to them, with sensible defaults: a test says only what it is about."""

from itertools import count
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone

from embeddings.models import Layout, Point, Space
from terms.entry_json import to_json
from terms.models import (
    Alias,
    ApiToken,
    Bundle,
    BundleEntry,
    Example,
    Proposal,
    Relation,
    Release,
    Responsibility,
    Sense,
    Term,
    Topic,
)
from terms.releasing import keep, lines
from terms.roles import EDITORS, ROLES

_numbers = count(1)


def make_term(name: str = "", definition: str = "", **fields: Any) -> Term:
    """A published term with one sense."""
    number = next(_numbers)
    fields.setdefault("status", Term.Status.PUBLISHED)
    term = Term.objects.create(name=name or f"term {number}", **fields)
    make_sense(term, definition or f"The meaning of {term.name}, number {number}.")
    return term


def make_sense(term: Term, definition: str = "", **fields: Any) -> Sense:
    fields.setdefault("position", term.senses.count() + 1)
    return Sense.objects.create(
        term=term, definition=definition or f"Another meaning {next(_numbers)}.", **fields
    )


def make_example(sense: Sense, text: str = "An example.", **fields: Any) -> Example:
    fields.setdefault("position", sense.examples.count() + 1)
    return Example.objects.create(sense=sense, text=text, **fields)


def make_alias(term: Term, name: str, **fields: Any) -> Alias:
    return Alias.objects.create(term=term, name=name, **fields)


def relate(one: Term, other: Term, kind: str = "related", **fields: Any) -> Relation:
    return Relation.objects.create(from_term=one, to_term=other, kind=kind, **fields)


def make_topic(name: str = "", **fields: Any) -> Topic:
    return Topic.objects.create(name=name or f"topic {next(_numbers)}", **fields)


def make_bundle(*terms: Term, **fields: Any) -> Bundle:
    fields.setdefault("title", f"Bundle {next(_numbers)}")
    bundle = Bundle.objects.create(**fields)
    for position, term in enumerate(terms, 1):
        BundleEntry.objects.create(bundle=bundle, term=term, position=position)
    return bundle


def make_layout(space: Space, *terms: Term, **fields: Any) -> Layout:
    """A map on which the terms lie in a row, the first ones in one cluster, the rest in another."""
    count, half = len(terms), len(terms) // 2
    fields = {
        "language": "en",
        "created_at": timezone.now(),
        "terms": count,
        "trustworthiness": 0.9,
        "left": 0,
        "top": -count / 2,
        "side": count or 1,
        "clusters": [
            {"words": ["first", "early"], "size": half, "x": half / 2, "y": 0},
            {"words": ["later"], "size": count - half, "x": 1.5 * half, "y": 0},
        ],
    } | fields
    layout = Layout.objects.create(space=space, **fields)
    Point.objects.bulk_create(
        Point(layout=layout, term=term, x=x, y=0, cluster=int(x >= half), rank=x)
        for x, term in enumerate(terms)
    )
    return layout


def make_release(name: str = "") -> Release:
    """What is published now, frozen, within the transaction of the test."""
    return keep(Release(name=name or f"release-{next(_numbers)}"), list(lines()))


def make_user(role: str = "", **fields: Any) -> User:
    """An account in one of the groups of terms/roles.py, or in none."""
    fields.setdefault("username", f"user {next(_numbers)}")
    user = User.objects.create_user(is_staff=role not in {"", "contributors"}, **fields)
    if role:
        user.groups.add(make_group(role))
    return user


def make_group(role: str) -> Group:
    """The role's, with its permissions: a test that empties the tables has emptied this one too."""
    group, made = Group.objects.get_or_create(name=role)
    if made:
        names = [name.split(".")[1] for name in ROLES[role]]
        group.permissions.set(Permission.objects.filter(codename__in=names))
    return group


def make_editor(*topics: Topic, whole: bool = False, **fields: Any) -> User:
    """An editor who may publish in these topics, or in the whole glossary."""
    user = make_user(EDITORS, **fields)
    for topic in [None] if whole else topics:
        Responsibility.objects.create(user=user, topic=topic)
    return user


def make_proposal(entry: Any, **fields: Any) -> Proposal:
    """An open proposal that a term be, or become, this entry."""
    return Proposal.objects.create(entry=to_json(entry), **fields)


def make_token(*scopes: str, **fields: Any) -> tuple[ApiToken, str]:
    """A token that may read unless told, and its secret."""
    if "owner" not in fields:
        fields["owner"] = User.objects.create_user(f"user {next(_numbers)}")
    return ApiToken.make(scopes=list(scopes) or ["read"], **fields)
