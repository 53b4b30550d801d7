"""Formulas between dollars: what is one, what a reader sees, and that nothing else gets through."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terms import formulas, markup
from terms.annotate import linkable
from terms.markup import escaped, html, line, plain

KEPT = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
KEPT |= {"div", "table", "thead", "tbody", "tr", "th", "td"}
OTHERS = {"a": {"href", "rel"}, "pre": {"tabindex"}, "div": {"tabindex"}}
OTHERS |= {"th": {"data-align"}, "td": {"data-align"}}
PIECES = [r"\text{", r"\href{javascript:alert(1)}", r"\class{", r"\style{position:fixed}", "}"]
PIECES += ["<script>", "</math>", "<img src=x onerror=alert(1)>", "</mtext>", "<style>", "<!--"]
PIECES += ["<annotation-xml encoding=text/html>", "<svg>", "<table>", "&lt;script&gt;", "&#60;b"]
PIECES += [r"\verb|", "|", '"', "'", r"\color{red", r"\operatorname{", r"\begin{array}{", "{"]
PIECES += [r"\def\a{\a\a}", r"\left", r"\sqrt[", r"\frac", "^", "&", r"\\", r"\tag{", "]]>"]
PIECES += ["$", "$$", "\n", "`", "*", " ", "x", "1", "\n|-|", "\n|x|"]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=20).map("".join)


class Tags(HTMLParser):
    """The tags of some HTML with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(HOSTILE)
def test_only_what_is_allowed_comes_out_of_a_formula(latex: str) -> None:
    shown = html(f"A ${latex}$ and\n\n$${latex}$$")
    for tag, attributes in Tags(shown).found:
        assert tag in KEPT | formulas.ELEMENTS.keys()
        allowed = OTHERS.get(tag) or formulas.ELEMENTS.get(tag, set())
        assert attributes.keys() <= allowed
        assert "javascript:" not in (attributes.get("href") or "")


@given(HOSTILE)
def test_it_reads_the_same_when_it_is_cleaned_again(latex: str) -> None:
    shown = html(f"${latex}$")
    assert markup._SANITISER.clean(shown) == shown


@given(st.text(st.sampled_from("ab $\\5*_`{}^|\n")) | HOSTILE)
def test_escaped_text_has_no_formula_and_its_own_words(text: str) -> None:
    assume("\0" not in text)  # which no definition may hold
    text = "\n".join(line.strip() for line in text.split("\n")).strip()
    assert "<math" not in html(escaped(text))
    assert plain(escaped(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10, or $5-$10.",
        "US$5 in A$, not in US$",
        "$HOME and $PATH, or $HOME/$USER",
        "An $ alone, and $$ too",
        r"\$x\$",
        "`$x$`",
        "    $x$ in a code block",
        "```\n$$\nx\n$$\n```",
        "$ x $",
    ],
)
def test_prices_shells_and_code_are_no_formulas(text: str) -> None:
    assert "<math" not in html(text)


@pytest.mark.parametrize(
    "text",
    [
        "$x$",
        "of $x$.",
        "($x$)",
        "$n$-grams",
        "the $k$th",
        "向量$x$的",
        "$x$ of 5",
        "*$x$*",
        "- $x$",
    ],
)
def test_it_finds_a_formula_wherever_it_may_stand(text: str) -> None:
    assert 'display="inline"' in html(text)


def test_a_formula_is_inline_or_on_a_line_of_its_own() -> None:
    assert html("The $x_i$.") == (
        '<p>The <math display="inline" alttext="x_i"><mrow><msub><mi>x</mi><mi>i</mi></msub></mrow>'
        "</math>.</p>\n"
    )
    block = '<math display="block" alttext="x" tabindex="0"><mrow><mi>x</mi></mrow></math>'
    assert html("A\n\n$$\nx\n$$\n\nB") == f"<p>A</p>\n<p>{block}</p>\n<p>B</p>\n"
    assert html("A $$x$$ B") == f"<p>A {block} B</p>\n"


@pytest.mark.parametrize("latex", [r"\frac", r"\frac{a", "{", "x^", r"\begin{nothing}", r"\left("])
def test_wrong_latex_is_shown_as_it_was_written(latex: str) -> None:
    assert html(f"A ${latex}$ here") == f"<p>A <code>${latex}$</code> here</p>\n"


@pytest.mark.parametrize(
    "latex",
    [
        "x" * 501,
        "{" * 9000,
        "x^{" * 250,
        r"\newcommand{\a}{xx}\newcommand{\b}{\a\a}\b",
        r"\def\a{\a\a}\a",
        "$x$" * 7000,
        "$$x\n" * 4000,
    ],
)
def test_what_would_grow_is_not_rendered(latex: str) -> None:
    assert len(html(f"${latex}$")) < 100 * len(latex)


def test_no_formula_stretches_the_page() -> None:
    shown = html(r"$\rule{99em}{9em} \hspace{1000pt} x \kern-50em$")
    sizes = [value for _, found in Tags(shown).found for value in found.values() if value]
    assert "9em" in sizes
    assert not [size for size in sizes if re.fullmatch(r"-?\d{2,}.*", size)]


def test_its_words_are_its_latex() -> None:
    assert plain("With $\\frac{1}{n}$:\n\n$$\nx\n$$\n\nIt *is*.") == r"With \frac{1}{n}: x It is."
    assert plain("It costs $5.") == "It costs $5."


def test_where_it_is_read_on_one_line_it_is_signs() -> None:
    assert line("With $\\frac{1}{n}$:\n\n$$\nx_i\n$$\n\nIt *is*.") == "With 1/n: x_i It is."
    assert line("It costs `$x_i$` and $\\frac$.") == "It costs $x_i$ and \\frac."


@given(HOSTILE)
def test_whatever_the_latex_there_is_a_line_of_it(latex: str) -> None:
    assert "\n" not in line(f"A ${latex}$")


def test_nothing_is_linked_in_a_formula() -> None:
    assert list(linkable(html(r"A $\text{model}$ net"))) == ["A ", " net", "\n"]
