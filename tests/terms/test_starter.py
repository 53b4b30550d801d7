"""The starter glossary keeps its own rules. Those who write entries run this file alone."""

import re
from collections import Counter, defaultdict
from itertools import chain

import pytest
from django.test import Client

from terms import formats, starter
from terms.entry import Entry, SenseText
from terms.starter import FOLDER
from terms.text import gist, slugify

SHORTEST, LONGEST = 35, 90  # words of a definition
LONGEST_GIST = 40  # words of its first sentence, which lists and cards show alone
OPENING = 4  # words by which no two definitions begin alike
SEVERAL = ["agent", "alignment", "attention", "distillation", "grounding", "head", "kernel"]
SEVERAL += ["prompt", "temperature", "token"]
CITATION = re.compile(
    r"[^()]+ \((1[89]|20)\d\d\)\. .+[.?!]( https://(arxiv\.org/abs/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})"
    r"|doi\.org/10\.\d{4,9}/\S+|\S+))?"
)
IZE = (
    "(amort|author|binar|capital|categor|central|character|contextual|critic|custom|digit|emphas"
    "|equal|factor|familiar|final|formal|general|hypothes|initial|item|linear|local|maxim|memor"
    "|minim|modern|neutral|normal|optim|organ|parallel|parameter|penal|polar|popular|prior|quant"
    "|random|real|recogn|regular|special|stabil|standard|summar|symbol|token|util|vector|visual)"
)
BRITISH = re.compile(
    rf"\b\w*({IZE}is(e[drs]?|ing|ations?)|(behavi|col|fav|hon|lab|neighb)our\w*"
    r"|(cancel|label|model|signal|travel)l(ed|ing)|cent(re[ds]?|ring)|metres?|catalogues?"
    r"|analys(ed|ing)|artefacts?|defence|grey|judgement|learnt|licence|spelt|whilst)\b",
    re.IGNORECASE,
)

DOCUMENTS = {
    path.stem: formats.read(path.read_text("utf-8"), "markdown")
    for path in sorted(FOLDER.glob("*.md"))
}
ENTRIES = [
    pytest.param(entry, id=entry.slug)
    for document in DOCUMENTS.values()
    for entry in document.entries
]
SENSES = [
    pytest.param(entry, sense, id=f"{entry.slug}:{sense.line}")
    for document in DOCUMENTS.values()
    for entry in document.entries
    for sense in entry.senses
]


def everything() -> list[Entry]:
    return list(chain.from_iterable(document.entries for document in DOCUMENTS.values()))


def spoken(definition: str) -> str:
    """Without formulas that stand alone."""
    return definition.partition("$$")[0]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[-’'.][^\W_]+)*", text)


def prose(sense: SenseText) -> str:
    """What we wrote ourselves; titles of papers keep their spelling."""
    return " ".join([sense.definition, *(text for text, _ in sense.examples)])


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_a_definition_is_neither_too_short_nor_too_long(entry: Entry, sense: SenseText) -> None:
    assert SHORTEST <= len(words(spoken(sense.definition))) <= LONGEST


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_its_first_sentence_is_a_gist(entry: Entry, sense: SenseText) -> None:
    assert len(words(gist(sense.definition, limit=2000))) <= LONGEST_GIST


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_it_is_not_circular(entry: Entry, sense: SenseText) -> None:
    assert f"-{slugify(entry.name)}-" not in f"-{slugify(gist(sense.definition))}-"


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_it_has_an_example(entry: Entry, sense: SenseText) -> None:
    assert sense.examples


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_it_is_spelled_the_american_way(entry: Entry, sense: SenseText) -> None:
    assert [match[0] for match in BRITISH.finditer(prose(sense))] == []


@pytest.mark.parametrize(("entry", "sense"), SENSES)
def test_its_citations_are_well_formed(entry: Entry, sense: SenseText) -> None:
    cited = [" ".join(filter(None, (each.title, each.url))) for each in sense.sources]
    assert [citation for citation in cited if not CITATION.fullmatch(citation)] == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_its_relations_lead_to_one_term_each(entry: Entry) -> None:
    known = defaultdict(set)
    for other in everything():
        for name in (other.name, *(alias.name for alias in other.aliases)):
            known[slugify(name)].add(other.slug)
    targets = [(link.name, known[slugify(link.name)]) for link in entry.relations]
    assert [(name, found) for name, found in targets if len(found - {entry.slug}) != 1] == []


def test_every_term_is_related_to_two_others() -> None:
    degrees: Counter[str] = Counter()
    named = {slugify(entry.name): entry.slug for entry in everything()}
    for entry in everything():
        for link in entry.relations:
            degrees.update([entry.slug, named.get(slugify(link.name), "")])
    assert {entry.slug for entry in everything() if degrees[entry.slug] < 2} == set()


def test_every_headword_is_defined_once() -> None:
    slugs = Counter(entry.slug for entry in everything())
    assert [slug for slug, count in slugs.items() if count > 1] == []


def test_no_two_definitions_open_alike() -> None:
    openings = defaultdict(list)
    for entry in everything():
        for sense in entry.senses:
            openings[tuple(words(sense.definition.casefold())[:OPENING])].append(entry.name)
    assert {opening: names for opening, names in openings.items() if len(names) > 1} == {}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_word_with_several_meanings_has_several_senses(name: str) -> None:
    assert len(next(entry.senses for entry in everything() if entry.name == name)) > 1


@pytest.mark.django_db
def test_an_ambiguous_abbreviation_leads_to_a_choice(client: Client) -> None:
    starter.load()
    for shared in ("IR", "RL", "MLM", "RAG", "LDA", "CFG", "ANN"):
        assert client.get(f"/en/define/{shared}").status_code == 300, shared
