"""Tokens in the admin: made, shown once, looked at, revoked. Never changed."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from terms.admin.fields import MomentWidget
from terms.models import ApiToken, Scope
from terms.text import counted


class ApiTokenForm(forms.ModelForm[ApiToken]):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text="None includes another. A token never may do more than its owner.",
    )

    class Meta:
        model = ApiToken
        fields = ["note", "scopes", "expires_at"]

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("This time has passed.")
        return expires_at


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """Whoever may enter makes tokens for themselves, and sees and revokes those."""

    form = ApiTokenForm
    formfield_overrides: ClassVar[Any] = {DateTimeField: {"widget": MomentWidget}}
    list_display = ["prefix", "state", "owner", "scope_list", "note", "last_used_at", "expires_at"]
    list_select_related = ["owner"]
    search_fields = ["prefix", "note", "owner__username"]
    actions = ["revoke"]
    add_form_template = "admin/terms/apitoken/add_form.html"
    change_form_template = "admin/terms/apitoken/change_form.html"
    show_facets = admin.ShowFacets.NEVER

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is None:
            return ["note", "scopes", "expires_at"]
        return [*self.list_display, "created_at", "revoked_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens.within_sight_of(request.user)  # type: ignore[attr-defined]

    @admin.display(description="scopes")
    def scope_list(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.display(description="state")
    def state(self, token: ApiToken) -> str:
        return token.state

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """For an administrator, with the account it belongs to; else a token is revoked."""
        return request.user.has_perm("terms.manage_apitoken")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The secret lives in this request alone, on the object that `response_add` shows."""
        obj.owner, obj.secret = request.user, obj.seal()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The answer to the form itself: no redirect, no message, nothing that would be kept."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The token is made",
            "token": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/terms/apitoken/made.html", context)

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        held = list(tokens.filter(revoked_at=None))
        revoked = tokens.revoke()  # type: ignore[attr-defined]
        for token in held:
            self.log_change(request, token, "Revoked.")
        self.message_user(request, f"{counted(revoked, 'token')} revoked.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(require_POST(self.revoke_one))
        return [
            path("<int:pk>/revoke/", revoke, name="terms_apitoken_revoke"),
            *super().get_urls(),
        ]

    def revoke_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        token = self.get_queryset(request).filter(pk=pk)
        if not token.exists():
            raise Http404("There is no such token.")
        self.revoke(request, token)
        return redirect("admin:terms_apitoken_change", pk)
