"""A whole entry as a form that works without scripts. What it does not ask for stays as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from terms import markup
from terms.admin.examples import ExamplesField, joined
from terms.entry import AliasText, Entry, Link, SenseText
from terms.models import Alias, Term
from terms.models.proposal import MAX_NOTE
from terms.models.relation import LABELS
from terms.models.sense import MAX_DEFINITION
from terms.proposing import proposed
from terms.proposing.fields import cited, end_of, led_to, line_of
from terms.querysets import TermQuerySet
from terms.text import TextError, clean, slugify
from terms.writing import Refused, check

MOST = 60  # senses, other names, and relations
PART = re.compile(r"(senses|aliases|relations)\[(\d+)\]\.(\w+)")


class TranslatedExamples(ExamplesField):
    def __init__(self) -> None:
        super().__init__()
        self.label = _("Examples")
        self.help_text = _(
            "One a paragraph, with a blank line between them. A last line “Source: …” says where"
            " it is from."
        )


class WordsForm(forms.Form):
    name = forms.CharField(label=_("Name"), required=False, max_length=200)
    note = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the editors who decide: what is wrong or missing, and how you know."),
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)

    def clean_note(self) -> str:
        try:
            return clean(self.cleaned_data["note"])
        except TextError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This is a trap for programs: leave it empty."))
        return ""


class SenseForm(forms.Form):
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    part_of_speech = forms.CharField(
        label=_("Part of speech"), required=False, help_text=_("Such as noun or verb.")
    )
    definition = forms.CharField(
        label=_("Definition"),
        required=False,
        strip=False,
        max_length=MAX_DEFINITION,
        widget=forms.Textarea(attrs={"rows": 5, "data-preview": ""}),
        help_text=_("*stress*, **strong**, `code`, $formula$; a blank line begins a paragraph."),
    )
    examples = TranslatedExamples()
    register = forms.CharField(
        label=_("Register"), required=False, help_text=_("The field or style it belongs to.")
    )
    topics = forms.CharField(
        label=_("Topics"), required=False, help_text=_("With commas between them.")
    )
    sources = forms.CharField(
        label=_("Sources"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: its title, and its address if it has one."),
    )

    @property
    def preview(self) -> SafeString:
        return markup.html(str(self["definition"].value() or ""))

    def says_something(self) -> bool:
        said = ("key", "part_of_speech", "register", "definition", "examples", "sources")
        return any(self.cleaned_data.get(name) for name in said) or bool(self.errors)


class AliasForm(forms.Form):
    name = forms.CharField(label=_("Other name"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[choice for choice in Alias.Kind.choices if choice[0] != Alias.Kind.FORMER],
        required=False,
    )


class LinkForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=list(LABELS.items()), required=False)
    term = forms.CharField(label=_("Entry"), required=False, max_length=200)


SenseFormSet = forms.formset_factory(
    SenseForm, extra=0, can_delete=True, max_num=MOST, absolute_max=MOST
)
AliasFormSet = forms.formset_factory(AliasForm, extra=0, max_num=MOST, absolute_max=MOST)
LinkFormSet = forms.formset_factory(LinkForm, extra=0, max_num=MOST, absolute_max=MOST)


class EntryForms:
    """The forms of one entry. `base` has what they do not ask for, and what they show at first.

    Relations lead to terms `among` these, public ones unless told; others stay, and are not shown.
    """

    def __init__(
        self,
        base: Entry,
        data: QueryDict | None = None,
        among: TermQuerySet | None = None,
        **initial: Any,
    ) -> None:
        self.base = base
        self.among = among
        sent = with_another(data) if data else None
        self.words = WordsForm(sent, initial={"name": base.name} | initial)
        self.senses = SenseFormSet(
            sent,
            prefix="senses",
            initial=[shown(sense) for sense in base.senses or [SenseText("")]],
        )
        names = [{"name": alias.name, "kind": alias.kind} for alias in self._told]
        self.aliases = AliasFormSet(sent, prefix="aliases", initial=[*names, {}])
        self.relations = LinkFormSet(sent, prefix="relations", initial=[*self._links(), {}])

    @property
    def _told(self) -> list[AliasText]:
        return [alias for alias in self.base.aliases if alias.kind != Alias.Kind.FORMER]

    def _links(self) -> Iterator[dict[str, str]]:
        for link in proposed.seen(self.base, self.among).relations:
            yield {"kind": link.kind, "term": end_of(link, self.base.language)}

    def is_valid(self, term: Term | None = None) -> bool:
        """Whether the entry can be kept; what is wrong is noted at its field."""
        rows = (self.senses, self.aliases, self.relations)
        if not all([self.words.is_valid(), *(forms_.is_valid() for forms_ in rows)]):
            return False
        try:
            self.entry = proposed.proposed(self.said, self.base, term, self.among)
            check(self.entry, term)
        except Refused as refused:
            self.note(refused.errors)
            return False
        return True

    @cached_property
    def said(self) -> Entry:
        return replace(
            self.base,
            name=self.words.cleaned_data["name"],
            senses=[self._sense(form.cleaned_data) for form in self._kept_senses],
            aliases=[
                AliasText(form.cleaned_data["kind"] or "synonym", form.cleaned_data["name"])
                for form in self._kept_aliases
            ],
            relations=[self._link(form.cleaned_data) for form in self._kept_links],
        )

    @cached_property
    def _kept_senses(self) -> list[SenseForm]:
        gone = self.senses.deleted_forms
        return [form for form in self.senses if form not in gone and form.says_something()]

    @cached_property
    def _kept_aliases(self) -> list[AliasForm]:
        return [form for form in self.aliases if form.cleaned_data.get("name")]

    @cached_property
    def _kept_links(self) -> list[LinkForm]:
        return [form for form in self.relations if form.cleaned_data.get("term")]

    def _link(self, said: Mapping[str, str]) -> Link:
        address = led_to(said["term"], self.base.language)
        return Link(said["kind"] or "related", said["term"], *address)

    def _sense(self, said: Mapping[str, Any]) -> SenseText:
        known = {sense.key: sense for sense in self.base.senses}
        stored = known.get(said["key"]) or SenseText("")
        return replace(
            stored,
            definition=said["definition"].replace("\r\n", "\n").strip(),
            part_of_speech=said["part_of_speech"],
            register=said["register"],
            sources=cited(said["sources"], stored.sources),
            examples=said["examples"],
            topics=sorted({slugify(name) for name in said["topics"].split(",") if name.strip()}),
        )

    def note(self, errors: Mapping[str, list[str]]) -> None:
        """Puts each message at the field that its path leads to."""
        kept: dict[str, list[Any]] = {
            "senses": self._kept_senses,
            "aliases": self._kept_aliases,
            "relations": self._kept_links,
        }
        for path, messages in errors.items():
            if found := PART.match(path):
                form, name = kept[found[1]][int(found[2])], found[3]
                form.add_error(name if name in form.fields else None, messages)
            else:
                self.words.add_error("name" if path in {"name", "slug"} else None, messages)

    def errors(self) -> Iterator[str]:
        """What belongs to no field."""
        yield from map(str, self.words.non_field_errors())
        for forms_ in (self.senses, self.aliases, self.relations):
            yield from map(str, forms_.non_form_errors())


def shown(sense: SenseText) -> dict[str, str]:
    return {
        "key": sense.key,
        "definition": sense.definition,
        "part_of_speech": sense.part_of_speech,
        "examples": joined(sense.examples),
        "register": sense.register,
        "topics": ", ".join(sense.topics),
        "sources": "\n".join(map(line_of, sense.sources)),
    }


def with_another(data: QueryDict) -> QueryDict:
    """What was sent, with one form more where a button asked for it."""
    prefix = data.get("more", "")
    if prefix not in {"senses", "aliases", "relations"}:
        return data
    more, name = data.copy(), f"{prefix}-TOTAL_FORMS"
    count = str(more.get(name, ""))
    if count.isdecimal() and len(count) < 5:
        more[name] = str(min(int(count) + 1, MOST))
    return more


def nothing_changed() -> str:
    return gettext("Nothing is changed yet.")
