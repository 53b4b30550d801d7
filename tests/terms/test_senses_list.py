"""The short list at the head of an entry that has many senses."""

import re

import pytest
from django.test import Client

from tests.factories import make_sense, make_term


@pytest.mark.django_db
def test_an_entry_lists_its_senses_from_four_on(client: Client) -> None:
    term = make_term("run", "A spell of *moving* fast. More.")
    for definition in ("A point.", "A ladder."):
        make_sense(term, definition, part_of_speech="noun")
    assert 'aria-label="Senses"' not in client.get("/en/define/run").content.decode()
    last = make_sense(term, "To flow.", part_of_speech="verb", register="physics")
    shown = client.get("/en/define/run").content.decode()
    (listed,) = re.findall(r'aria-label="Senses">(.*?)</nav>', shown, re.DOTALL)
    words = [" ".join(re.sub("<.*?>", "", row).split()) for row in listed.split("</li>")[:-1]]
    assert words == [
        "1 A spell of moving fast.",
        "2 noun A point.",
        "3 noun A ladder.",
        "4 verb physics To flow.",
    ]
    assert f'href="#{last.key}"' in listed
