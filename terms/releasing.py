"""How a release is made, and how two of them differ.

The published glossary is read in one repeatable-read transaction, so at one moment, into a file;
then the release is stored in another. In one, each writer who commits meanwhile would make it fail,
as both count the glossary's revision.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from terms import markup
from terms.alphabet import OTHER
from terms.entry import Entry, SenseText, entries_of
from terms.entry_json import to_json
from terms.models import FrozenEntry, Release, Term
from terms.revisions import ShownSense
from terms.text import gist

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BATCH = 500
FORMER = "former"


def make(name: str, *, title: str = "", notes: str = "", by: "User | None" = None) -> Release:
    """The published glossary frozen under a name. Raises ValidationError for a bad or taken one."""
    release = Release(name=name, title=title, notes=notes, created_by=by)
    release.full_clean()
    with TemporaryFile("w+", encoding="utf-8", newline="\n") as file:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            file.writelines(f"{identity} {line}" for identity, line in lines())
        file.seek(0)
        return keep(release, map(_read, file))


def lines() -> Iterator[tuple[int, str]]:
    """The id of each published term and its entry as a line of canonical JSON.

    By language and then from A to Z.
    """
    public = set(Term.objects.published().values_list("language", "slug"))
    terms = Term.objects.published().order_by("language", "name_key", "id")
    ids = terms.values_list("pk", flat=True).iterator(BATCH)
    for identity, entry in zip(ids, entries_of(terms), strict=True):
        yield identity, canonical(without_drafts(entry, public))


def _read(line: str) -> tuple[int, str]:
    identity, _, rest = line.partition(" ")
    return int(identity), rest


def without_drafts(entry: Entry, public: set[tuple[str, str]]) -> Entry:
    """The entry as readers see it: it leads to nothing that is not public."""
    return replace(
        entry,
        aliases=[alias for alias in entry.aliases if alias.kind != FORMER],
        relations=[link for link in entry.relations if (link.language, link.slug) in public],
        replaced_by=entry.replaced_by if entry.replaced_by in public else None,
    )


def canonical(entry: Entry) -> str:
    """One line: keys in order, no needless space, Unicode as it is.

    >>> canonical(Entry("cup"))[:40]
    '{"aliases":[],"is_linked":true,"language'
    """
    data = json.dumps(to_json(entry), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{data}\n"


@transaction.atomic
def keep(release: Release, lines: Iterable[tuple[int | None, str]]) -> Release:
    """Stores the release with these lines, and seals it: from then on it never changes."""
    release.save()
    digest, rest = hashlib.sha256(), iter(lines)
    while batch := list(islice(rest, BATCH)):
        frozen = [_frozen(release, release.count + n, *each) for n, each in enumerate(batch, 1)]
        FrozenEntry.objects.bulk_create(frozen)
        digest.update("".join(line for _, line in batch).encode())
        release.count += len(batch)
    release.sha256 = digest.hexdigest()
    release.save()
    return release


def download(release: Release) -> Iterator[str]:
    """The release as JSON Lines, as it was hashed."""
    entries = release.entries.order_by("position").values_list("line", flat=True)
    return entries.iterator(BATCH)


def letter_of(name: str) -> str:
    """The letter that a name stands under, as terms/alphabet.py has it.

    >>> [letter_of(name) for name in ("cup", "Élan", "3D", "Ωmega")]
    ['C', 'E', '#', 'Ω']
    """
    first = unicodedata.normalize("NFKD", name)[:1].upper()
    return first if first.isalpha() else OTHER


def _frozen(release: Release, position: int, identity: int | None, line: str) -> FrozenEntry:
    data: dict[str, Any] = json.loads(line)
    first = data["senses"][0]["definition"] if data["senses"] else ""
    return FrozenEntry(
        release=release,
        position=position,
        identity=identity,
        language=data["language"],
        slug=data["slug"],
        name=data["name"],
        letter=letter_of(data["name"]),
        gist=gist(markup.plain(first)),
        line=line,
    )


@dataclass(frozen=True)
class Comparison:
    """What is in one release and not, or not the same, in another: each from A to Z."""

    added: list[FrozenEntry]
    removed: list[FrozenEntry]
    changed: list[tuple[FrozenEntry, FrozenEntry]]


def compare(old: Release, new: Release, language: str = "") -> Comparison:
    """In one language, or all. Two queries."""
    before, after = _differing(old, new, language), _differing(new, old, language)
    changed = paired(before, after)
    known = {entry.pk for pair in changed for entry in pair}
    return Comparison(
        added=[entry for entry in after if entry.pk not in known],
        removed=[entry for entry in before if entry.pk not in known],
        changed=changed,
    )


def paired(
    before: list[FrozenEntry], after: list[FrozenEntry]
) -> list[tuple[FrozenEntry, FrozenEntry]]:
    """The entries of both that are of one term, whatever it was called, in the order of the later.

    What is left goes by its address: a release may be older than the identities, and a term may
    have been deleted and written anew.
    """
    kept = {entry.identity for entry in after} - {None}
    by_identity = {entry.identity: entry for entry in before if entry.identity in kept}
    by_address = {entry.address: entry for entry in before if entry.identity not in kept}
    pairs = (
        (by_identity.get(entry.identity) or by_address.get(entry.address), entry) for entry in after
    )
    return [(old, new) for old, new in pairs if old]


def _differing(one: Release, other: Release, language: str) -> list[FrozenEntry]:
    same = FrozenEntry.objects.filter(
        release=other,
        language=OuterRef("language"),
        slug=OuterRef("slug"),
        line=OuterRef("line"),
    )
    entries: QuerySet[FrozenEntry] = one.entries.exclude(Exists(same)).order_by("position")
    if language:
        entries = entries.filter(language=language)
    return list(entries.select_related("release"))


def shown_senses(entry: Entry) -> list[ShownSense]:
    return [_shown(sense, number) for number, sense in enumerate(entry.senses, 1)]


def _shown(sense: SenseText, number: int) -> ShownSense:
    return ShownSense(
        key=sense.key,
        position=number,
        part_of_speech=sense.part_of_speech,
        register=sense.register,
        definition=sense.definition,
        examples={"all": [{"text": text, "source": source} for text, source in sense.examples]},
        sources={"all": sense.sources},
    )
