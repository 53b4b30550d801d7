"""The picture that stands for a term where its address is shared: name, gist and the site's name.

The fonts know Latin letters, and those of Arabic where Pillow can join them. What they cannot draw
is left out, never drawn as boxes: a name in another script gives its place to the gist, and a gist
ends before the first unknown sign. `said` is what the picture says, for those who do not see it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont, features

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 88
PAPER, INK, MUTED, LINK = "#fcfbf8", "#1d1b18", "#5c5750", "#1a4f8b"  # as in tokens.css
NAME_SIZES = (104, 88, 72, 60, 50, 42)  # the first in which the name has room
NAME_HEIGHT = 250
GIST_SIZE, GIST_SIZE_ALONE, SITE_SIZE = 38, 52, 30
LINE, FOOT = WIDTH - 2 * MARGIN, HEIGHT - MARGIN
LEADING = 1.25
# The mark of templates/components/mark.html: an L of straight lines, and points (x, y, radius).
MARK_L = "3 4 13.5 4 13.5 6.4 10.5 7 10.5 24 17.9 24 19.4 18.6 22.4 18.6 22.4 28 3 28"
MARK_L += " 3 25.6 6 25 6 7 3 6.4"
MARK_POINTS = ((18.5, 12.5, 3), (26.5, 10, 2), (21.5, 4, 1.4))
MARK_SIZE = 44
ARABIC = re.compile("[\u0600-\u06ff]")
JOINS = features.check("raqm")  # which needs FriBiDi on the machine

Font = ImageFont.FreeTypeFont


def png(name: str, gist: str, site: str) -> bytes:
    """The card as PNG, SIZE pixels. Whatever the texts are, something is drawn."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 12), LINK)
    head, text = parts(name, gist)
    if head or not text:
        top = _draw_name(draw, head or drawable(site), MARGIN)
        _draw_gist(draw, text, top + 20, GIST_SIZE)
    else:
        _draw_gist(draw, text, MARGIN, GIST_SIZE_ALONE)
    _draw_foot(image, draw, drawable(site))
    file = BytesIO()
    image.quantize(64, Image.Quantize.FASTOCTREE).save(file, "PNG")
    return file.getvalue()


def parts(name: str, gist: str) -> tuple[str, str]:
    """What is drawn of the name and of the gist."""
    return drawable(name, whole=True), drawable(gist)


def said(name: str, gist: str, site: str) -> str:
    """The words of the card.

    >>> said("token", "A unit.", "Words"), said("词", "", "Words")
    ('token: A unit.', 'Words')
    """
    return ": ".join(filter(None, parts(name, gist))) or site


def _draw_name(draw: ImageDraw.ImageDraw, name: str, top: float) -> float:
    """Draws the name as large as it fits and returns where it ends."""
    for size in NAME_SIZES:
        face = font(face_of(name, "serif"), size, 600)
        lines = wrapped(name, face)
        if len(lines) * size * LEADING <= NAME_HEIGHT:
            break
    return _draw_lines(draw, cut(lines, int(NAME_HEIGHT / size / LEADING), face), face, INK, top)


def _draw_gist(draw: ImageDraw.ImageDraw, gist: str, top: float, size: int) -> None:
    face = font(face_of(gist, "serif"), size, 400)
    room = int((FOOT - MARK_SIZE - 24 - top) / size / LEADING)
    _draw_lines(draw, cut(wrapped(gist, face), room, face), face, MUTED, top)


def _draw_foot(image: Image.Image, draw: ImageDraw.ImageDraw, site: str) -> None:
    image.paste(LINK, (MARGIN, FOOT - MARK_SIZE), mark(MARK_SIZE))
    left, face = MARGIN + MARK_SIZE + 16, font(face_of(site, "sans"), SITE_SIZE, 600)
    line = "".join(cut(wrapped(site, face, WIDTH - MARGIN - left), 1, face))
    draw.text((left, FOOT - MARK_SIZE / 2), line, MUTED, face, anchor="lm")


def _draw_lines(
    draw: ImageDraw.ImageDraw, lines: Iterable[str], face: Font, colour: str, top: float
) -> float:
    lines = list(lines)
    from_right = ARABIC.match(next(filter(str.isalpha, "".join(lines)), ""))
    for line in lines:
        if JOINS and from_right:
            draw.text((WIDTH - MARGIN, top), line, colour, face, anchor="ra", direction="rtl")
        else:
            draw.text((MARGIN, top), line, colour, face)
        top += face.size * LEADING
    return top


def wrapped(text: str, face: Font, width: float = LINE) -> list[str]:
    """Lines no wider than `width`, broken at spaces; a word that is wider is broken anywhere."""
    lines = [""]
    for word in text.split():
        line = f"{lines[-1]} {word}".strip()
        if face.getlength(line) <= width:
            lines[-1] = line
            continue
        lines += broken(word, face, width)
    return [line for line in lines if line]


def broken(word: str, face: Font, width: float) -> list[str]:
    parts = [""]
    for sign in word:
        if face.getlength(parts[-1] + sign) > width:
            parts.append("")
        parts[-1] += sign
    return parts


def cut(lines: list[str], room: int, face: Font) -> list[str]:
    """At most `room` lines; where some are left out the last one ends in an ellipsis."""
    if len(lines) <= room:
        return lines
    last = lines[room - 1]
    while last and face.getlength(f"{last} …") > LINE:
        last = last.rpartition(" ")[0] or last[:-1]
    return [*lines[: room - 1], f"{last.rstrip(' ,;:.')} …"]


def drawable(text: str, *, whole: bool = False) -> str:
    """The text on one line as far as the fonts have its signs; if `whole`, all of it or nothing."""
    text = " ".join(text.split())
    face = face_of(text, "serif")
    unknown = next((at for at, sign in enumerate(text) if not has_sign(sign, face)), None)
    if unknown is None:
        return text
    kept = text[:unknown].rpartition(" ")[0].rstrip(" ,;:")
    return f"{kept} …" if kept and not whole else ""


def face_of(text: str, latin: str) -> str:
    """The face that has all the letters of a text, if any has; `latin` is that of Latin letters."""
    return "arabic" if JOINS and ARABIC.search(text) else latin


@lru_cache(maxsize=4096)
def has_sign(sign: str, name: str) -> bool:
    """Serif and sans have the same signs; one that a face lacks looks like no code point."""
    face = font(name, 24, 400)
    return sign == " " or bytes(face.getmask(sign)) != bytes(face.getmask("\U0010ffff"))


@lru_cache(maxsize=16)
def font(name: str, size: int, weight: int) -> Font:
    file = settings.BASE_DIR / "static" / "fonts" / f"lexispace-{name}.woff2"
    face = ImageFont.truetype(file, size)
    if name != "arabic":  # which has one weight
        face.set_variation_by_axes([weight])
    return face


@lru_cache(maxsize=1)
def mark(size: int) -> Image.Image:
    """The site's mark as a mask, drawn four times as large for smooth edges."""
    scale = 4 * size / 32
    numbers = [float(number) * scale for number in MARK_L.split()]
    image = Image.new("L", (4 * size, 4 * size))
    draw = ImageDraw.Draw(image)
    draw.polygon(list(zip(numbers[::2], numbers[1::2], strict=True)), 255)
    for x, y, radius in MARK_POINTS:
        draw.circle((x * scale, y * scale), radius * scale, 255)
    return image.resize((size, size), Image.Resampling.LANCZOS)
