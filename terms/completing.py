"""What a term is to say where a file says only a part of it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from terms.entry import Address, AliasText, Entry, Link, SenseText, as_entry
from terms.models import Alias, Term
from terms.writing import paired


def completed(entry: Entry, term: Term, lacks: Collection[str]) -> Entry:
    """The entry with the term's own of the fields that it lacks."""
    stored = as_entry(term)
    kept = {name: getattr(stored, name) for name in lacks if hasattr(stored, name)}
    texts = {text.key: text for text in stored.senses}
    senses = []
    for text, sense in paired(entry.senses, list(term.senses.all())):
        own = texts.get(sense.key) if sense.pk else None
        said = {name: getattr(own, name) for name in lacks if own and hasattr(own, name)}
        senses.append(replace(text, **said))
    if "definition" in lacks and not entry.senses:
        senses = stored.senses
    return replace(entry, **kept, senses=senses)


def enlarged(stored: Entry, entry: Entry, *, reword: bool = False) -> Entry:
    """The stored entry with the senses, names and relations of the other that it does not have.

    With `reword`, a sense that it has says what the other does; one that is not known again takes
    the place that it has in the other, where no other sense of it stands there.
    """
    senses = list(stored.senses)
    found = places(senses, entry.senses)
    if reword:
        found = _standing_in(len(senses), found)
    for place, text in zip(found, entry.senses, strict=True):
        if place is None:
            senses.append(text)
        elif reword:
            senses[place] = _reworded(senses[place], text)
    aliases, relations = _all_aliases(stored, entry), _all_relations(stored, entry)
    return replace(stored, senses=senses, aliases=aliases, relations=relations)


def _all_aliases(stored: Entry, entry: Entry) -> list[AliasText]:
    """Without former addresses, which stay whatever an entry says."""
    own = [alias for alias in stored.aliases if alias.kind != Alias.Kind.FORMER]
    taken = {alias.address for alias in stored.aliases}
    return own + [alias for alias in entry.aliases if alias.address not in taken]


def _all_relations(stored: Entry, entry: Entry) -> list[Link]:
    def end(link: Link) -> tuple[str, Address]:
        return link.kind, link.address(stored.language)

    there = set(map(end, stored.relations))
    return stored.relations + [link for link in entry.relations if end(link) not in there]


def places(senses: Sequence[SenseText], texts: Sequence[SenseText]) -> list[int | None]:
    """Which of the senses each text is, known again by key, by what it says, or by the address of
    a source; None for one that is new.

    >>> places([SenseText("A vessel."), SenseText("A prize.")], [SenseText("A prize.")])
    [1]
    """
    found: dict[int, int] = {}
    for fits in (_has_key, _has_words, _has_address):
        for n, text in enumerate(texts):
            free = (k for k, sense in enumerate(senses) if k not in found.values())
            fit = next((k for k in free if n not in found and fits(senses[k], text)), None)
            if fit is not None:
                found[n] = fit
    return [found.get(n) for n in range(len(texts))]


def _has_key(sense: SenseText, text: SenseText) -> bool:
    return text.key != "" and sense.key == text.key


def _has_words(sense: SenseText, text: SenseText) -> bool:
    return sense.definition == text.definition


def _has_address(sense: SenseText, text: SenseText) -> bool:
    urls = {source.url for source in sense.sources} - {""}
    return any(source.url in urls for source in text.sources)


def _standing_in(free: int, found: list[int | None]) -> list[int | None]:
    """The same, where a new one takes its own place among so many, if no other has that."""
    return [n if k is None and n < free and n not in found else k for n, k in enumerate(found)]


def _reworded(sense: SenseText, text: SenseText) -> SenseText:
    """What a file leaves out stays; its sources come to those that are there."""
    known = {source[:2] for source in sense.sources}
    return replace(
        sense,
        definition=text.definition,
        examples=_examples(sense, text),
        part_of_speech=text.part_of_speech or sense.part_of_speech,
        register=text.register or sense.register,
        sources=[*sense.sources, *(each for each in text.sources if each[:2] not in known)],
    )


def _examples(sense: SenseText, text: SenseText) -> list[tuple[str, str]]:
    """Those of the text; where it only leaves out their sources, those that are there."""
    has_sources = any(source for _, source in text.examples)
    same = [words for words, _ in sense.examples] == [words for words, _ in text.examples]
    return sense.examples if same and not has_sources else text.examples


def is_kept(stored: Entry, entry: Entry) -> bool:
    """Whether a sense that is known again has other words than the entry."""
    found = zip(places(stored.senses, entry.senses), entry.senses, strict=True)
    return any(
        place is not None and _words(stored.senses[place]) != _words(text) for place, text in found
    )


def _words(text: SenseText) -> tuple[str, list[str]]:
    return text.definition, [content for content, _ in text.examples]
