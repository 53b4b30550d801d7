"""A learning path: what to read before a term, each entry before those that need it."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from terms.annotate import linkable
from terms.mentions import look_up, mentions
from terms.models import Relation, Term

LEVELS = 2  # what the term needs, and what that needs
MOST = 12  # entries before the term itself
REASONS = 3  # entries that are named as needing another

K = TypeVar("K", bound=Hashable)
Needs = Mapping[K, Sequence[K]]
Found = dict[int, list[int]]


@dataclass(frozen=True)
class Step:
    """An entry of a path, with some of those after it that are why it is there."""

    term: Term
    broader_than: list[Term]
    mentioned_by: list[Term]


def path_to(term: Term) -> list[Step]:
    """The entries to read in order, the term itself last; alone when it needs no other.

    Of the other entries the first senses count. Uses the term's prefetched senses. Four queries a
    level, however many terms.
    """
    broader: Found = {}
    mentioned: Found = {}
    terms = {term.id: term}
    level = [term]
    for _ in range(LEVELS):
        broader |= _broader(level)
        mentioned |= _mentioned(level, term.language)
        wanted = set(nearest(term.id, _needs(broader, mentioned), MOST)) - terms.keys()
        level = list(Term.objects.published().filter(id__in=wanted).with_gists())
        terms |= {each.id: each for each in level}
    broader |= _broader(level)
    mentioned |= _mentioned(level, term.language)
    order = reading_order(term.id, _needs(broader, mentioned), terms)
    return [
        Step(terms[id], *(_needing(id, found, order, terms) for found in (broader, mentioned)))
        for id in order
    ]


def nearest(goal: K, needs: Needs[K], most: int) -> list[K]:
    """Up to `most` of what the goal needs, directly or by way of others, the most direct first.

    Of what is as direct, that comes first which more of those a step nearer need.

    >>> nearest("d", {"d": ["b", "c"], "b": ["x", "a"], "c": ["a", "d"]}, 3)
    ['b', 'c', 'a']
    """
    found = {goal: None}
    level = [goal]
    while level and len(found) <= most:
        needed = (need for each in level for need in needs.get(each, ()) if need not in found)
        level = [need for need, _ in Counter(needed).most_common()]
        found |= dict.fromkeys(level)
    return list(found)[1 : most + 1]


def reading_order(goal: K, needs: Needs[K], among: Collection[K]) -> list[K]:
    """What the goal needs, of those in `among`, each after what it needs itself; the goal last.

    Of a circle, that comes last through which the goal needs the others (a depth-first search).

    >>> reading_order("d", {"d": ["b", "c"], "b": ["c"], "c": ["a", "b"]}, "abcd")
    ['a', 'c', 'b', 'd']
    """
    order: list[K] = []
    begun: set[K] = set()

    def read(each: K) -> None:
        begun.add(each)
        for need in needs.get(each, ()):
            if need in among and need not in begun:
                read(need)
        order.append(each)

    read(goal)
    return order


def _needs(broader: Found, mentioned: Found) -> Found:
    return {id: broader.get(id, []) + needed for id, needed in mentioned.items()}


def _needing(id: int, found: Found, order: list[int], terms: Mapping[int, Term]) -> list[Term]:
    """Entries after this one that need it, the nearest to the end first."""
    later = order[: order.index(id) : -1]
    return [terms[other] for other in later if id in found.get(other, ())][:REASONS]


def _broader(terms: Sequence[Term]) -> Found:
    relations = Relation.objects.between_public().filter(kind="broader", from_term__in=terms)
    found: Found = {}
    for narrower, broader in relations.values_list("from_term_id", "to_term_id"):
        found.setdefault(narrower, []).append(broader)
    return found


def _mentioned(terms: Sequence[Term], language: str) -> Found:
    """For each term, those that its definitions mention, in order; no names that several share."""
    texts = {term.id: list(_texts(term)) for term in terms}
    names = look_up(chain.from_iterable(texts.values()), language)
    found: Found = {}
    for id, each in texts.items():
        targets = (target for text in each for _, _, target in mentions(text, names))
        found[id] = [target.term_ids[0] for target in targets if target.is_one_page]
    return found


def _texts(term: Term) -> Iterator[str]:
    return chain.from_iterable(linkable(sense.definition_html) for sense in term.senses.all())
