"""How a sense is cited: APA 7, MLA 9, Chicago, BibTeX and CSL-JSON. Functions over values.

An entry has no author; the glossary is the work that it stands in, and its publisher. The key of a
sense is the key of its citation, because it outlives every change of name and address.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from terms.addresses import absolute
from terms.models import Glossary, Term

BIBTEX_SIGNS = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}
SPECIAL = re.compile("[" + re.escape("".join(BIBTEX_SIGNS)) + "]")


@dataclass(frozen=True)
class Citation:
    key: str
    title: str
    site: str
    language: str
    changed: date
    version: int
    url: str

    @property
    def apa(self) -> str:
        """APA 7, as for an entry without an author.

        >>> sense = Citation("kxn4", "What is a token?", "Words", "en", date(2026, 3, 1), 2, "http://w/t")
        >>> sense.apa
        'What is a token? (2026, March 1). In Words (Version 2). http://w/t'
        """
        stop = "" if self.is_closed else "."
        day = f"{self.changed.year}, {self.changed:%B} {self.changed.day}"
        return f"{self.title}{stop} ({day}). In {self.site} (Version {self.version}). {self.url}"

    @property
    def mla(self) -> str:
        """MLA 9, as for an entry of a reference work; May, June and July are not shortened.

        >>> Citation("kxn4", "token", "Words", "en", date(2026, 3, 1), 2, "http://w/t").mla
        '“token.” Words, version 2, 1 Mar. 2026, http://w/t.'
        """
        day = self.changed
        month = f"{day:%B}" if day.month in {5, 6, 7} else f"{day:%b}."
        month = "Sept." if day.month == 9 else month
        stop = "" if self.is_closed else "."
        return (
            f"“{self.title}{stop}” {self.site}, version {self.version},"
            f" {day.day} {month} {day.year}, {self.url}."
        )

    @property
    def chicago(self) -> str:
        """A note of the Chicago Manual of Style, which cites a reference work *sub verbo*.

        >>> Citation("kxn4", "token", "Words", "en", date(2026, 3, 1), 2, "http://w/t").chicago
        'Words, s.v. “token,” version 2, last modified March 1, 2026, http://w/t.'
        """
        day = f"{self.changed:%B} {self.changed.day}, {self.changed.year}"
        return (
            f"{self.site}, s.v. “{self.title},” version {self.version},"
            f" last modified {day}, {self.url}."
        )

    @property
    def is_closed(self) -> bool:
        """Whether the title ends a sentence itself."""
        return self.title.endswith((".", "?", "!", "…"))

    @property
    def bibtex(self) -> str:
        """An entry that both BibTeX and biblatex read; the address is not escaped there.

        >>> print(Citation("kxn4", "R&D, 研究", "Words", "en", date(2026, 3, 1), 2, "http://w/a%20b").bibtex)
        @misc{kxn4,
          title = {{R\\&D, 研究}},
          howpublished = {Words},
          publisher = {Words},
          year = {2026},
          month = mar,
          day = {1},
          version = {2},
          url = {http://w/a%20b},
        }
        """
        site = bibtex_text(self.site)
        fields = {
            "title": f"{{{{{bibtex_text(self.title)}}}}}",  # twice: its capitals are kept
            "howpublished": f"{{{site}}}",
            "publisher": f"{{{site}}}",
            "year": f"{{{self.changed.year}}}",
            "month": f"{self.changed:%b}".lower(),
            "day": f"{{{self.changed.day}}}",
            "version": f"{{{self.version}}}",
            "url": f"{{{self.url}}}",
        }
        lines = [f"  {name} = {value}," for name, value in fields.items()]
        return "\n".join([f"@misc{{{self.key},", *lines, "}"])

    @property
    def csl(self) -> dict[str, object]:
        """An item of CSL-JSON 1.0.2."""
        return {
            "id": self.key,
            "type": "entry-dictionary",
            "title": self.title,
            "container-title": self.site,
            "publisher": self.site,
            "issued": {"date-parts": [[self.changed.year, self.changed.month, self.changed.day]]},
            "version": str(self.version),
            "language": self.language,
            "URL": self.url,
        }


def bibtex_text(text: str) -> str:
    r"""The text as a BibTeX value: signs that mean something to TeX are escaped, once each.

    >>> print(bibtex_text(r"100% of {x_1}, C# \ ~y^2 & 語"))
    100\% of \{x\_1\}, C\# \textbackslash{} \textasciitilde{}y\textasciicircum{}2 \& 語
    """
    return SPECIAL.sub(lambda sign: BIBTEX_SIGNS[sign.group()], text)


def of(term: Term, glossary: Glossary) -> list[Citation]:
    """One citation a sense, in order; the sense is named where there are several.

    The address is that of the version, which stays as it was cited.
    """
    senses = term.senses.all()
    address = reverse("version", args=[term.language, term.slug, term.version])
    return [
        Citation(
            key=sense.key,
            title=f"{term.name} (sense {sense.position})" if len(senses) > 1 else term.name,
            site=glossary.name,
            language=term.language,
            changed=term.updated_at.date(),
            version=term.version,
            url=absolute(f"{address}#{sense.key}"),
        )
        for sense in senses
    ]


def bib(citations: Iterable[Citation]) -> str:
    return "\n\n".join(citation.bibtex for citation in citations) + "\n"


def csl_json(citations: Iterable[Citation]) -> str:
    return json.dumps([citation.csl for citation in citations], ensure_ascii=False, indent=2) + "\n"
