"""What is a proposer's to change of an entry: its words and relations. All else stays as it is.

A proposer sees what readers see. So former names and relations to drafts stay too, and what is
added leads to public terms alone.
"""

from collections.abc import Iterable
from dataclasses import replace

from terms.entry import Address, AliasText, Entry, Link, by_address, place_of
from terms.entry_json import to_json
from terms.models import Alias, Proposal, Term
from terms.querysets import TermQuerySet
from terms.writing import Refused, fault_of


def proposed(
    said: Entry, base: Entry, term: Term | None = None, among: TermQuerySet | None = None
) -> Entry:
    """The base with what is said of it. Raises Refused for relations that lead to none among these.

    `among`: public terms, unless told. Relations and names that the base has keep their provenance
    and address, whatever is said.
    """
    return replace(
        base,
        name=said.name,
        senses=said.senses,
        aliases=_aliases(said, base),
        relations=_links(said, base, term, among),
    )


def _aliases(said: Entry, base: Entry) -> list[AliasText]:
    slugs = {alias.name: alias.slug for alias in base.aliases}
    told = [
        alias._replace(slug=slugs.get(alias.name, ""))
        for alias in said.aliases
        if alias.kind != Alias.Kind.FORMER
    ]
    return told + [alias for alias in base.aliases if alias.kind == Alias.Kind.FORMER]


def _links(said: Entry, base: Entry, term: Term | None, among: TermQuerySet | None) -> list[Link]:
    ends = ends_of([*said.relations, *base.relations], base.language, among)
    stored = {(link.kind, link.address(base.language)): link for link in base.relations}
    told: dict[tuple[str, Address], Link] = {}
    errors: dict[str, list[str]] = {}
    for n, link in enumerate(said.relations):
        address = link.address(base.language)
        found, known = ends.get(address), stored.get((link.kind, address))
        if fault := fault_of(link, found.pk if found else None, term):
            errors[f"relations[{n}].term"] = [fault]
        elif found:
            new = Link(link.kind, found.name, found.language, found.slug)
            told[link.kind, address] = known or new
    if errors:
        raise Refused(errors)
    unseen = {place: link for place, link in stored.items() if place[1] not in ends}
    return list((told | unseen).values())


def ends_of(
    links: Iterable[Link], language: str, among: TermQuerySet | None = None
) -> dict[Address, Term]:
    """The terms, public ones unless told, to which links of entries of that language lead."""
    terms = Term.objects.published() if among is None else among
    wanted = {link.address(language) for link in links}
    ends = by_address(terms.at_any(wanted))
    return {address: term for address, term in ends.items() if address in wanted}


def seen(entry: Entry, among: TermQuerySet | None = None) -> Entry:
    """The entry without its relations to other terms than these: what readers see, unless told."""
    ends = ends_of(entry.relations, entry.language, among)
    shown = [link for link in entry.relations if link.address(entry.language) in ends]
    return replace(entry, relations=shown)


def is_same(one: Entry, other: Entry) -> bool:
    """Whether they differ in nothing but the order of what has none."""
    return _in_order(one) == _in_order(other)


def _in_order(entry: Entry) -> Entry:
    return replace(
        entry,
        aliases=sorted(entry.aliases),
        relations=sorted(entry.relations, key=place_of),
        senses=[
            replace(sense, topics=sorted(sense.topics), sources=sorted(sense.sources))
            for sense in entry.senses
        ],
    )


def is_there(entry: Entry) -> bool:
    """Whether readers find an entry of this name already."""
    terms = Term.objects.published().in_language(entry.language)
    return bool(terms.named([entry.name]).exists())


def keep(
    entry: Entry, base: Entry | None, term: Term | None, *, by: int | None, note: str = ""
) -> Proposal:
    """The proposal that the term say the entry, and no more the base; or, without both, that there
    be one. `by` is an account's id.
    """
    proposal: Proposal = Proposal.objects.keep(
        term=term,
        version=term.version if term else None,
        base=to_json(base) if base else None,
        entry=to_json(entry),
        note=note,
        proposer_id=by,
    )
    return proposal
