"""Formulas on one line, for where there is no room to draw them: `x_i`, `(a + b)/n`, `√x`.

Whatever is more than one sign stands in round brackets, so that it reads in one way only.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from xml.etree.ElementTree import Element

from terms import formulas

ROWS = {"math", "menclose", "mpadded", "mrow", "mstyle", "mtd"}
LEAVES = {"mi", "mn", "mo", "mphantom", "mspace", "mtext"}
SCRIPTS = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "mover": "^"}
SCRIPTS |= {"munderover": "_^"}
READ = ROWS | LEAVES | SCRIPTS.keys() | {"mfrac", "mroot", "msqrt", "mtable", "mtr"}
ACCENTS = {"^": "\u0302", "~": "\u0303", "¯": "\u0304", "―": "\u0304", "˙": "\u0307", "→": "\u20d7"}
PRIMES = {"′", "″", "‴"}
TIGHT = "|‖/∑∏∫√∂∇¬∀∃∞∅"  # signs of mathematics that keep to what they stand beside


@lru_cache(maxsize=4096)
def written(latex: str) -> str:
    r"""The formula as a line of plain text; its LaTeX where that cannot be read.

    >>> written(r"\frac{1}{n}\sum_{i=1}^n x_i"), written(r"e^{-x^2}"), written(r"\frac{a+b}{2n}")
    ('1/n ∑_(i = 1)^n x_i', 'e^(−x^2)', '(a + b)/(2n)')
    >>> written(r"\log p(x \mid y)"), written(r"\sqrt[3]{ab}, \hat{y}"), written(r"\frac{")
    ('log p(x ∣ y)', '√[3](ab), y\u0302', '\\frac{')
    """
    tree = formulas.tree(latex)
    if tree is None or any(node.tag not in READ for node in tree.iter()):
        return latex
    return " ".join(_text(tree).split())


def _text(node: Element) -> str:
    parts = list(node)
    match node.tag:
        case "mphantom":
            return ""
        case "mspace":
            return " "
        case "mfrac":
            return _fraction(node)
        case "msqrt":
            return f"√{_bracketed(node)}"
        case "mroot":
            return f"√[{_text(parts[1])}]{_bracketed(parts[0])}"
        case "mtable":
            return "; ".join(map(_text, parts))
        case "mtr":
            return ", ".join(map(_text, parts))
        case tag if tag in SCRIPTS:
            return _scripted(parts, SCRIPTS[tag])
    return _row(parts) if parts else (node.text or "").lstrip("\\")  # of a name without a sign


def _fraction(node: Element) -> str:
    """One over another; without a line between them, as in a binomial, they are merely two."""
    above, below = node
    if node.get("linethickness") == "0":
        return f"{_text(above)}, {_text(below)}"
    return "/".join(
        _text(part) if _core(part).tag in SCRIPTS else _bracketed(part) for part in (above, below)
    )


def _scripted(parts: Sequence[Element], marks: str) -> str:
    base, *scripts = parts
    accent = ACCENTS.get(_text(scripts[0])) if marks == "^" else None
    if accent and len(_text(base)) == 1:
        return _text(base) + accent
    said = [
        script if script in PRIMES else mark + script
        for mark, script in zip(marks, map(_bracketed, scripts), strict=True)
    ]
    return _bracketed(base) + "".join(said)


def _row(parts: Sequence[Element]) -> str:
    line = ""
    for before, part in zip([None, *parts], parts, strict=False):
        said = _text(part)
        if _is_between(part, line):
            said = f" {said} "
        elif before is not None and _runs_together(before, line, part, said):
            said = f" {said}"
        line += f"{said} " if said in {",", ";"} else said
    return line


def _is_between(part: Element, line: str) -> bool:
    """Whether it is a sign between two, as of a sum or an equation; a minus may also be before."""
    sign = part.text or " "
    is_sign = part.tag == "mo" and (sign == "·" or unicodedata.category(sign[0]) == "Sm")
    stands_after = line[-1:].strip() and unicodedata.category(line[-1]) != "Ps"
    return bool(is_sign and sign not in TIGHT and stands_after)


def _runs_together(before: Element, line: str, part: Element, said: str) -> bool:
    """Whether two parts would read as one: `log` and `p`, not the factors 2 and x."""
    ends = line[-1:].isalnum() or (before.tag not in LEAVES and line[-1:].strip())
    return bool(ends and (said[:1].isalnum() or said[:1] in "∑∏∫")) and not (
        _is_factor(before) and _is_factor(part)
    )


def _is_factor(node: Element) -> bool:
    return node.tag == "mn" or (node.tag in LEAVES and len(node.text or "") == 1)


def _bracketed(node: Element) -> str:
    core = _core(node)
    said = _text(core)
    fences = [at for at, part in enumerate(core) if _is_fence(part)]
    is_one = core.tag in LEAVES or fences == [0, len(core) - 1]
    return said if is_one or not said else f"({said})"


def _core(node: Element) -> Element:
    """What stands in rows and roots of one part."""
    while node.tag in ROWS | {"msqrt"} and len(node) == 1:
        node = node[0]
    return node


def _is_fence(node: Element) -> bool:
    return node.tag == "mo" and (node.text or "") in set("()[]{}|‖⟨⟩⌈⌉⌊⌋")
