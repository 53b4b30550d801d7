"""What a term is to say where a file says only a part of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from terms.entry import Entry, SenseText, as_entry
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
    for place, text in zip(_places(senses, entry, reword=reword), entry.senses, strict=True):
        if place is None:
            senses.append(text)
        elif reword:
            senses[place] = _reworded(senses[place], text)
    names = {alias.address for alias in stored.aliases}
    ends = {(link.kind, link.address(stored.language)) for link in stored.relations}
    return replace(
        stored,
        senses=senses,
        aliases=[
            *(alias for alias in stored.aliases if alias.kind != Alias.Kind.FORMER),
            *(alias for alias in entry.aliases if alias.address not in names),
        ],
        relations=[
            *stored.relations,
            *(
                link
                for link in entry.relations
                if (link.kind, link.address(stored.language)) not in ends
            ),
        ],
    )


def _places(senses: Sequence[SenseText], entry: Entry, *, reword: bool) -> list[int | None]:
    """Of each sense of the entry, which of these it is; None for one that is new."""
    places = [place_in(senses, text) for text in entry.senses]
    if not reword:
        return places
    free = set(range(len(senses))) - set(places)
    return [n if place is None and n in free else place for n, place in enumerate(places)]


def place_in(senses: Sequence[SenseText], text: SenseText) -> int | None:
    """Which of the senses it is, known again by key, by a source's address, or by its very text.

    >>> place_in([SenseText("A vessel."), SenseText("A prize.")], SenseText("A prize."))
    1
    """
    urls = {source.url for source in text.sources} - {""}
    fits: tuple[Callable[[SenseText], object], ...] = (
        lambda sense: text.key and sense.key == text.key,
        lambda sense: urls & {source.url for source in sense.sources},
        lambda sense: sense.definition == text.definition,
    )
    found = (n for fit in fits for n, sense in enumerate(senses) if fit(sense))
    return next(found, None)


def _reworded(sense: SenseText, text: SenseText) -> SenseText:
    """What a file leaves out stays; its sources come to those that are there."""
    known = {source[:2] for source in sense.sources}
    return replace(
        sense,
        definition=text.definition,
        examples=_with_sources(sense, text),
        part_of_speech=text.part_of_speech or sense.part_of_speech,
        register=text.register or sense.register,
        sources=[*sense.sources, *(each for each in text.sources if each[:2] not in known)],
    )


def _with_sources(sense: SenseText, text: SenseText) -> list[tuple[str, str]]:
    """The examples of the text; one that the sense has keeps its source."""
    own = dict(sense.examples)
    return [(content, source or own.get(content, "")) for content, source in text.examples]


def is_kept(stored: Entry, entry: Entry) -> bool:
    """Whether a sense that is known again has other words than the entry."""
    for text in entry.senses:
        place = place_in(stored.senses, text)
        if place is not None and _words(stored.senses[place]) != _words(text):
            return True
    return False


def _words(text: SenseText) -> tuple[str, list[str]]:
    return text.definition, [content for content, _ in text.examples]
