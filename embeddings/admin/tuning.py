"""Tunings in the admin: asked for, watched, compared, made into a space, taken away."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from embeddings import doorbell
from embeddings.models import Space, Tuning
from embeddings.tuning import exchange, telling
from embeddings.tuning.models import MOST_EPOCHS, TuningQuerySet
from embeddings.tuning.pairs import KINDS, USUAL
from embeddings.tuning.stored import MAX_BYTES, BadAdapter

PAIR_LABELS = {
    "later": "a later sentence of a definition → its entry",
    "relation": "an entry → the entry of a related term",
    "example": "an example → its entry",
    "pinned": "a pinned question → its entry",
    "name": "a definition without the name → the name",
}


class TuningForm(forms.Form):
    kind = forms.ChoiceField(choices=Tuning.Kind.choices)
    side = forms.ChoiceField(
        choices=Tuning.Side.choices,
        label="What it adapts",
        help_text="Entries take a new space; by questions only, stored vectors stay.",
    )
    pairs = forms.MultipleChoiceField(
        choices=[(kind, PAIR_LABELS[kind]) for kind in KINDS],
        initial=USUAL,
        widget=forms.CheckboxSelectMultiple,
        label="It learns that these mean one thing",
    )
    epochs = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_EPOCHS,
        label="Rounds",
        help_text="Left empty: what measured best, two for LoRA of entries and questions, else one."
        " 0 for a state that is fed back as the model has it, without learning.",
    )
    seed = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, initial=1, help_text="Another one holds out other terms."
    )

    def clean(self) -> None:
        if not self.errors:
            Tuning(**self.asked).clean()

    @property
    def asked(self) -> dict[str, Any]:
        """What was filled in."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class StrengthForm(forms.Form):
    """How far from the shipped model's vectors to the adapted ones, in hundredths."""

    strength = forms.IntegerField(
        min_value=5,  # and not 1, from which steps of 5 lead to 96
        max_value=100,
        initial=100,
        widget=forms.NumberInput(attrs={"type": "range", "step": 5}),
        label="Strength, from none of the adapter to all of it",
    )

    def key(self, tuning: Tuning) -> str:
        share = self.cleaned_data["strength"] / 100
        return tuning.key if share == 1 else f"{tuning.key}@{share:g}"


class AdapterForm(forms.Form):
    """An adapter from elsewhere: what *Download the adapter* and *Download its card* gave there."""

    adapter = forms.FileField(
        widget=forms.FileInput(attrs={"accept": ".safetensors"}),
        help_text="A .safetensors file of 1 MiB at the most.",
    )
    card = forms.FileField(
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text="The .json file that came with it: it says how the adapter was made.",
    )

    def clean_adapter(self) -> bytes:
        return self._content("adapter", MAX_BYTES)

    def clean_card(self) -> bytes:
        return self._content("card", exchange.MAX_CARD_BYTES)

    def _content(self, field: str, most: int) -> bytes:
        file = self.cleaned_data[field]
        try:
            exchange.check_size(file.name, file.size, most)
        except BadAdapter as error:
            raise forms.ValidationError(str(error)) from error
        return bytes(file.read())

    def imported(self, made_by: Any) -> Tuning | None:
        """The tuning; None, and an error of the form, where the two are none."""
        if not self.is_valid():
            return None
        content, card = (self.cleaned_data[name] for name in ("adapter", "card"))
        try:
            return exchange.imported(content, card, made_by)
        except BadAdapter as error:
            self.add_error(None, str(error))
            return None


@admin.register(Tuning)
class TuningAdmin(admin.ModelAdmin[Tuning]):
    list_display = ["__str__", "kind", "side", "how_far", "described", "related", "general"]
    list_filter = ["state"]
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tuning]:
        return super().get_queryset(request).defer("adapter", "checkpoint", "inspection")

    @admin.display(description="state")
    def how_far(self, tuning: Tuning) -> str:
        done = f", step {tuning.step} of {tuning.steps}" if tuning.is_at_work else ""
        return f"{tuning.get_state_display()}{done}"

    @admin.display(description="look-up")
    def described(self, tuning: Tuning) -> str:
        return _before_and_after(tuning, "reverse")

    @admin.display(description="related")
    def related(self, tuning: Tuning) -> str:
        return _before_and_after(tuning, "related")

    @admin.display(description="general")
    def general(self, tuning: Tuning) -> str:
        return _before_and_after(tuning, "general")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing of it is edited; buttons ask for the permission by its name."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It has a button, which refuses while a space is of it."""
        return False

    def get_urls(self) -> list[URLPattern]:
        posts = (self.stop, self.resume, self.measure, self.space, self.remove)
        views = {view.__name__: require_POST(view) for view in posts}
        views |= {"adapter": self.adapter, "card": self.card}
        return [
            path(
                "import/",
                self.admin_site.admin_view(self.import_adapter),
                name="embeddings_tuning_import",
            ),
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"embeddings_tuning_{name}",
                )
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TuningForm(request.POST or None)
        if form.is_valid():
            tuning = Tuning.objects.ask_for(**form.asked, made_by=request.user)
            doorbell.ring_tuner()
            return redirect("admin:embeddings_tuning_change", tuning.pk)
        return self._page(request, "ask", {"title": "Tune the model", "form": form})

    def import_adapter(self, request: HttpRequest) -> HttpResponse:
        """An adapter that was learned elsewhere, with its card."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = AdapterForm(*posted)
        if posted and (tuning := form.imported(request.user)):
            messages.success(request, f"It is {tuning} here.")
            return redirect("admin:embeddings_tuning_change", tuning.pk)
        return self._page(request, "import", {"title": "Import an adapter", "form": form})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is, its figures, and what it does to the space."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        tuning = self._found(object_id)
        moves = telling.moves(tuning.inspection)
        context = {
            "title": str(tuning).capitalize(),
            "tuning": tuning,
            "rows": telling.rows(tuning.figures),
            "curve": telling.curve(tuning.losses),
            "moves": moves,
            "height": telling.height(moves),
            "reasons": tuning.reasons_against() if tuning.state == Tuning.State.DONE else [],
            "spaces": tuning.spaces(),
            "strengths": telling.strengths(tuning),
            "strength": StrengthForm(initial={"strength": round(100 * tuning.best_strength)}),
        }
        return self._page(request, "run", context)

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = (
            "It stops after its present step, and keeps what it learned.",
            "It has ended already.",
        )
        return self._change(request, pk, TuningQuerySet.stop, *told, rings=False)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = "It goes on where it stopped.", "There is nothing to go on with."
        return self._change(request, pk, TuningQuerySet.resume, *told)

    def measure(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = "It is measured on this glossary.", "It was measured already, or a space is of it."
        return self._change(request, pk, TuningQuerySet.measure, *told)

    def _change(
        self,
        request: HttpRequest,
        pk: int,
        change: Callable[[TuningQuerySet], bool],
        done: str,
        refused: str,
        *,
        rings: bool = True,
    ) -> HttpResponse:
        """Changes its state, and rings for the worker that tunes; or says why it cannot."""
        tuning = self._to_change(request, pk)
        if change(Tuning.objects.filter(pk=tuning.pk)):
            if rings:
                doorbell.ring_tuner()
            messages.success(request, done)
        else:
            messages.error(request, refused)
        return redirect("admin:embeddings_tuning_change", pk)

    def space(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begins a space of it, which workers fill while the other one serves."""
        tuning, form = self._to_change(request, pk), StrengthForm(request.POST)
        if tuning.state != Tuning.State.DONE or tuning.side != Tuning.Side.BOTH:
            messages.error(request, "A space is made of a tuning of both sides that is done.")
        elif not form.is_valid():
            messages.error(request, "The strength is a number from 5 to 100.")
        elif Space.objects.filter(encoder=form.key(tuning)).exists():
            messages.error(request, "There is a space of this strength already.")
        else:
            space = Space.objects.begin(form.key(tuning))
            doorbell.ring()
            messages.success(request, f"“{space}” is being filled; then it can be made to serve.")
            return redirect("admin:embeddings_space_changelist")
        return redirect("admin:embeddings_tuning_change", pk)

    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        tuning = self._to_change(request, pk)
        if used := list(tuning.spaces()):
            messages.error(request, f"The space “{used[0]}” is of it.")
            return redirect("admin:embeddings_tuning_change", pk)
        tuning.delete()
        messages.success(request, f"Tuning {pk} is removed.")
        return redirect("admin:embeddings_tuning_changelist")

    def adapter(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = bytes(self._done(request, pk).adapter or b"")
        return _download(content, "application/octet-stream", f"tuning-{pk}.safetensors")

    def card(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = json.dumps(self._done(request, pk).card, indent=2, ensure_ascii=False)
        return _download(content, "application/json", f"tuning-{pk}.json")

    def _done(self, request: HttpRequest, pk: int) -> Tuning:
        if not self.has_view_permission(request):
            raise PermissionDenied
        tuning = self._found(pk)
        if tuning.state != Tuning.State.DONE:
            raise Http404("It has no adapter yet.")
        return tuning

    def _to_change(self, request: HttpRequest, pk: int) -> Tuning:
        if not request.user.has_perm("embeddings.change_tuning"):
            raise PermissionDenied
        return self._found(pk)

    @staticmethod
    def _found(pk: Any) -> Tuning:
        tuning = Tuning.objects.filter(pk=pk).first() if str(pk).isdecimal() else None
        if tuning is None:
            raise Http404("There is no such tuning.")
        return tuning

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/embeddings/tuning/{name}.html", context)


def _before_and_after(tuning: Tuning, name: str) -> str:
    figure = tuning.figures.get(name, {})
    return f"{figure['base']:.3f} → {figure['tuned']:.3f}" if figure.get("questions") else "–"


def _download(content: bytes | str, media_type: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, media_type, headers=disposition)
