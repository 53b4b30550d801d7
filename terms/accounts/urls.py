"""Everybody's own pages, under /accounts/: log-in, password, proposals, and the editors' queue."""

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.cache import never_cache

from terms.accounts import views
from terms.accounts.forms import LogInForm
from terms.proposing import queue
from terms.proposing import views as proposing

urlpatterns = [
    path("", views.account, name="account"),
    path("invite/", views.invite, name="invite"),
    path(
        "login/",
        auth.LoginView.as_view(authentication_form=LogInForm, redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", never_cache(views.ChangePassword.as_view()), name="password_change"),
    path("preview/", proposing.definition_preview, name="definition_preview"),
    path("proposals/", queue.queue, name="queue"),
    path("proposals/<int:number>/", queue.amend, name="proposal"),
    path("proposals/<int:number>/accept/", queue.accept, name="accept_proposal"),
    path("proposals/<int:number>/decline/", queue.decline, name="decline_proposal"),
    path("proposals/<int:number>/withdraw/", queue.withdraw, name="withdraw_proposal"),
    path("reset/", login_not_required(views.AskForLink.as_view()), name="password_reset"),
    path(
        "reset/<uidb64>/<token>/",
        login_not_required(auth.PasswordResetConfirmView.as_view()),
        name="password_reset_confirm",
    ),
    path(
        "reset/done/",
        login_not_required(auth.PasswordResetCompleteView.as_view()),
        name="password_reset_complete",
    ),
]
