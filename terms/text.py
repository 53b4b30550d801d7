"""Text as it is stored, compared and addressed: pure functions over strings."""

import hashlib
import re
import unicodedata

# Refused wherever text comes in: what PostgreSQL cannot store, what reorders text unseen,
# and code points that are no characters. Line feeds and tabs are the only controls kept.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
_NAMES = {
    "\x00": "a NUL character",
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "a bidi override"),
}
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_COMBINING_LATIN = re.compile("[\u0300-\u036f]")
_GIST_END = re.compile(r"(?<=[.!?。！？])[\"”’)\]]*\s+(?=[\"“‘(\[]?[^\W\d_a-z])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|al|Dr|Mr|Mrs|St|No|Fig|approx)\.|\b[A-Z]\.)$"
)

MARKS = "\u0300-\u036f\u064b-\u065f\u0670"  # accents and vowel points: of a word, yet no `\w`
SLUG_LENGTH = 100
LANGUAGE_TAG = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"


class TextError(ValueError):
    """A text that cannot be kept. `position` counts characters from 0."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} at character {position + 1}")
        self.reason = reason
        self.position = position


def clean(value: str) -> str:
    """The text as it is stored: NFC, `\\n` line ends, no surrounding space, nothing invisible.

    Raises TextError for NUL, lone surrogates, control characters and bidi overrides.
    Idempotent: `clean(clean(x)) == clean(x)`.
    """
    value = (
        value.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    )
    if found := _FORBIDDEN.search(value):
        character = found.group()
        code = f"U+{ord(character):04X}"
        raise TextError(f"{_NAMES.get(character, 'a control character')} ({code})", found.start())
    return unicodedata.normalize("NFC", value.translate(_INVISIBLE)).strip()


def counted(count: int, noun: str) -> str:
    """So many things, in English.

    >>> counted(1, "term"), counted(2_000, "term")
    ('1 term', '2,000 terms')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def clean_line(value: str) -> str:
    """Like `clean`, on one line: every run of white space becomes one space."""
    return " ".join(clean(value).split())


def slugify(name: str) -> str:
    """The address of a name: letters of any script kept, `C++` → `c-plus-plus`… see the examples.

    Never empty, never over SLUG_LENGTH characters, and `slugify(slugify(x)) == slugify(x)`.

    >>> slugify("Latent-space fine-tuning"), slugify("C#"), slugify("C++"), slugify("naïve Bayes")
    ('latent-space-fine-tuning', 'csharp', 'cplusplus', 'naïve-bayes')
    """
    folded = unicodedata.normalize("NFKC", name).lower().replace("+", "plus").replace("#", "sharp")
    # What NFC cannot compose onto a letter, as the dot that "İ".lower() leaves, goes.
    folded = _COMBINING_LATIN.sub("", unicodedata.normalize("NFC", folded))
    kept = "".join(c if _is_word(c) else "-" for c in folded if c not in "'’")
    slug = re.sub("-+", "-", kept).strip("-")[:SLUG_LENGTH].strip("-")
    return slug or "term-" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


def _is_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc"}


def gist(plain: str, limit: int = 240) -> str:
    """The first sentence of a definition, without markup, cut at a word when over `limit`."""
    start = 0
    sentence = plain
    for end in _GIST_END.finditer(plain):
        if not _ABBREVIATED.search(plain[start : end.start()]):
            sentence = plain[: end.start()]
            break
    if len(sentence) <= limit:
        return sentence
    return sentence[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"
