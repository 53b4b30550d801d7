"""In which language a page speaks to its reader, apart from that of the words it shows."""

import re
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language_info, get_supported_language_variant

from terms.text import LANGUAGE_TAG

_BEGINNING = re.compile(rf"/({LANGUAGE_TAG})/")


def language_of_path(path: str, otherwise: str = settings.LANGUAGE_CODE) -> str:
    """The interface's language for an address, which alone decides: see `language_for`."""
    named = _BEGINNING.match(path)
    return language_for(named.group(1), otherwise) if named else otherwise


def language_for(tag: str, otherwise: str = settings.LANGUAGE_CODE) -> str:
    """The language of the interface for words in the language `tag`, regions aside.

    >>> language_for("de"), language_for("de-AT"), language_for("fr")
    ('de', 'de', 'en')
    """
    try:
        return get_supported_language_variant(tag)
    except LookupError:
        return otherwise


def own_name(tag: str) -> str:
    """What a language calls itself, or its tag where that is not known.

    >>> own_name("de"), own_name("es-MX"), own_name("tlh")
    ('Deutsch', 'español de Mexico', 'tlh')
    """
    try:
        return str(get_language_info(tag.lower())["name_local"])
    except KeyError:
        return tag


@lru_cache(maxsize=64)  # asked for each line of a list
def direction(tag: str) -> str:
    """Which way a language is written, as the attribute `dir` has it.

    >>> direction("ar"), direction("de-AT"), direction("tlh")
    ('rtl', 'ltr', 'auto')
    """
    try:
        return "rtl" if get_language_info(tag.lower())["bidi"] else "ltr"
    except KeyError:
        return "auto"
