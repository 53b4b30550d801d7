"""Cells of a spreadsheet: several values in one, and texts that are not to be computed.

Values stand with ` | ` between them, the parts of a value with ` :: `; a backslash before a sign
makes it plain text.
"""

import re
from collections.abc import Iterable, Sequence

TOKEN = re.compile(r"\\(?P<plain>.)| ?(?P<sign>\||::) ?|.", re.DOTALL)
SIGNS = re.compile(r"\\|\||:(?=:)|(?<=:):")
# OWASP: what makes a spreadsheet compute a cell. The wide forms do so where Japanese is written.
DANGEROUS = "=+\\-@\t\r＝＋－＠"
MUST_HIDE = re.compile(f"'*[{DANGEROUS}]")
IS_HIDDEN = re.compile(f"'+[{DANGEROUS}]")


def neutral(text: str) -> str:
    """The text as no spreadsheet computes it; `restored` gives it back exactly.

    >>> neutral("=1+1"), neutral("'=1"), neutral("'tis"), neutral("a = b")
    ("'=1+1", "''=1", "'tis", 'a = b')
    """
    return f"'{text}" if MUST_HIDE.match(text) else text


def restored(cell: str) -> str:
    """
    >>> restored("'=1+1"), restored("''=1"), restored("'tis"), restored("- a list")
    ('=1+1', "'=1", "'tis", '- a list')
    """
    return cell[1:] if IS_HIDDEN.match(cell) else cell


def joined(values: Iterable[Sequence[str]]) -> str:
    """Values of several parts in one cell; parts that are empty at the end are left out.

    >>> joined([("A cup of tea.", "A book"), ("a|b", "")])
    'A cup of tea. :: A book | a\\\\|b'
    """
    return " | ".join(" :: ".join(map(_escaped, _shortened(parts))) for parts in values)


def _escaped(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text)


def _shortened(parts: Sequence[str]) -> Sequence[str]:
    kept = len(parts)
    while kept > 1 and not parts[kept - 1]:
        kept -= 1
    return parts[:kept]


def split(cell: str) -> list[list[str]]:
    """The values of a cell, each as its parts.

    >>> split("LLM :: abbreviation | large model"), split("a\\\\|b"), split("")
    ([['LLM', 'abbreviation'], ['large model']], [['a|b']], [])
    """
    if not cell:
        return []
    values = [[""]]
    for token in TOKEN.finditer(cell):
        if token["sign"] == "|":
            values.append([""])
        elif token["sign"]:
            values[-1].append("")
        else:
            values[-1][-1] += token["plain"] or token[0]
    return values
