"""Accounts in the admin: roles, responsibilities, and links to a new password."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from terms import roles
from terms.accounts.links import DAYS, mail_link, password_link
from terms.admin.fields import SearchesById
from terms.models import Responsibility

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Account = get_user_model()


class AccountForm(forms.ModelForm["User"]):
    role = forms.ChoiceField(choices=[("", "Reader"), *roles.LABELS.items()], required=False)

    class Meta:
        model = Account
        fields = ["username", "email", "is_active", "is_superuser"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = roles.role_of(self.instance)


class ResponsibilityInline(SearchesById, admin.TabularInline[Responsibility, "User"]):
    model = Responsibility
    autocomplete_fields = ["topic"]
    extra = 0
    verbose_name_plural = "may publish in"


class AccountAdmin(DjangoUserAdmin["User"]):
    """Nobody but a superuser makes superusers, or changes one."""

    form = AccountForm
    list_display = ["username", "email", "role", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["username", "email"]
    filter_horizontal = ()
    readonly_fields: ClassVar[Any] = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "email", "role", "is_active", "is_superuser"]}),
        (None, {"fields": ["last_login", "date_joined"]}),
    ]
    inlines = [ResponsibilityInline]
    change_form_template = "admin/auth/user/change_form.html"
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="role")
    def role(self, user: "User") -> str:
        return "superuser" if user.is_superuser else roles.role_of(user).removesuffix("s")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        is_superuser = request.user.is_superuser
        return [*self.readonly_fields, *([] if is_superuser else ["is_superuser"])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_above(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_above(obj, request.user)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accounts are made in one place."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("invite")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if {"role", "is_superuser"} & set(form.changed_data):
            roles.give_role(form.instance, form.cleaned_data["role"])

    def get_urls(self) -> list[URLPattern]:
        link = self.admin_site.admin_view(require_POST(self.link))
        return [path("<int:pk>/link/", link, name="auth_user_link"), *super().get_urls()]

    def link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A one-time link for who has lost the password; shown in this answer alone."""
        user = get_object_or_404(Account, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        link = password_link(user)
        self.log_change(request, user, "Made a link to a new password.")
        context = {
            **self.admin_site.each_context(request),
            "title": "A link to a new password",
            "account": user,
            "link": link,
            "days": DAYS,
            "is_sent": mail_link(user, link),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/auth/user/link.html", context)


def _is_above(account: Any, user: Any) -> bool:
    """Whether an account is a superuser's, and the user none."""
    return account is not None and account.is_superuser and not user.is_superuser


admin.site.unregister(Account)
admin.site.register(Account, AccountAdmin)
