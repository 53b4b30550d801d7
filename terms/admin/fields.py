"""Fields that several forms of the admin have."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from terms.models import Term


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


class TermForm(forms.Form):
    """A form whose field `term_field` is searched for as one types."""

    term_field: str

    def __init__(self, *args: Any, admin_site: admin.AdminSite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        like: Any = Term._meta.get_field("replaced_by")  # searched as the terms that replace one
        field: Any = self.fields[self.term_field]
        field.widget = AutocompleteSelect(like, admin_site)
        field.widget.choices = field.choices
