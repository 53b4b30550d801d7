"""Fields that several forms of the admin have."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import (
    AdminSplitDateTime,
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.http import HttpRequest

from terms.models import Term

MOST_DIGITS = 19  # of an id: a bigint has no more


class WhyField(forms.CharField):
    """A comment for the history."""

    def __init__(self, help_text: str) -> None:
        super().__init__(
            required=False,
            max_length=200,
            label="Why",
            help_text=help_text,
            widget=forms.TextInput(attrs={"class": "vTextField"}),
        )


class MomentWidget(AdminSplitDateTime):
    """A date and a time, each with a name of its own: Django gives one to neither."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        field = name.replace("_", " ").capitalize()
        for part, said in zip(context["widget"]["subwidgets"], ("date", "time"), strict=True):
            part["attrs"]["aria-label"] = f"{field}: {said}"
        return context


class TableFormSet(forms.BaseInlineFormSet[Any, Any, Any]):
    """Rows of a table, in which each field has the name of its column."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)  # Django wraps related ones
            if not widget.is_hidden:
                widget.attrs["aria-label"] = field.label


class _ById(AutocompleteMixin):
    """A form that is shown again has what was sent, which Django here looks up whatever it is."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        ids = [each for each in value if str(each).isdecimal() and len(str(each)) < MOST_DIGITS]
        return super().optgroups(name, ids, attr)


class SearchSelect(_ById, AutocompleteSelect):
    pass


class SearchSelectMultiple(_ById, AutocompleteSelectMultiple):
    pass


class SearchesById(BaseModelAdmin[Any]):
    """Fields of `autocomplete_fields` have the widgets above."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            widget = SearchSelectMultiple if db_field.many_to_many else SearchSelect
            kwargs["widget"] = widget(db_field, self.admin_site)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class TermForm(forms.Form):
    """A form whose field `term_field` is searched for as one types."""

    term_field: str

    def __init__(self, *args: Any, admin_site: admin.AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        like: Any = Term._meta.get_field("replaced_by")  # searched as the terms that replace one
        field: Any = self.fields[self.term_field]
        field.widget = SearchSelect(like, admin_site)
        field.widget.choices = field.choices
