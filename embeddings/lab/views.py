"""The pages of the lab. An address has the whole state; a form of GET makes the next one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from embeddings.encoders import EncoderUnavailable
from embeddings.lab import OPERATIONS, load
from embeddings.lab.bounds import is_beyond
from embeddings.lab.given import GivenField
from embeddings.lab.groups import GroupField, in_short
from embeddings.lab.lines import LinesField
from embeddings.lab.operation import Operation
from embeddings.lab.workspace import Workspace
from embeddings.models import Space
from embeddings.operations import Impossible
from terms.models import Term
from terms.views.pages import of_language, reader_page

GIVEN = (GivenField, GroupField, LinesField)
OF_ALL = api_settings.NON_FIELD_ERRORS_KEY


@reader_page
@of_language
def index(request: HttpRequest, language: str) -> HttpResponse:
    """What one can do here, with an example of each."""
    context = {"operations": [card(load(name), language) for name in OPERATIONS]}
    return render(request, "lab/index.html", context | serving(language))


@reader_page
@of_language
def page(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """One operation: its form, and the answer where the address asks for one."""
    if name not in OPERATIONS:
        raise Http404("There is no such operation.")
    made = load(name)
    context = card(made, language) | serving(language) | {"asked": defaults(made)}
    context["defined_by"] = defining(made, language)
    status = 200
    if not context["reason"] and (request.GET or made.asks_nothing):
        answer = answered(made, Workspace(context["space"], language), request)
        status = answer.pop("status", 400 if answer["errors"] and request.GET else 200)
        context |= answer
    return render(request, made.template, context, status=status)


def answered(made: Operation, workspace: Workspace, request: HttpRequest) -> dict[str, Any]:
    """`asked`: what the fields hold. `result`, or `errors` by field; `loading` without a model."""
    fields = made.Asked(data=request.GET, context={"workspace": workspace})
    asked = defaults(made) | {name: request.GET[name] for name in request.GET}
    found: dict[str, Any] = {"asked": asked, "errors": {}}
    if is_beyond(request):
        return found | {"errors": {OF_ALL: _("That was a lot; go on in a minute.")}, "status": 429}
    try:
        if not fields.is_valid():
            return found | {"errors": flat(fields.errors)}
        return found | {"result": made.answer(workspace, **fields.validated_data)}
    except Impossible as error:
        return found | {"errors": {OF_ALL: str(error)}}
    except EncoderUnavailable:
        return found | {"loading": True}


def flat(errors: Any) -> dict[str, ErrorDetail]:
    """The first error of each field."""
    return {name: details[0] for name, details in errors.items()}


def defaults(made: Operation) -> dict[str, Any]:
    """What the fields of a form hold at first."""
    fields = made.Asked().fields.items()
    return {
        name: "" if isinstance(field, GIVEN) else field.get_initial() or field.default
        for name, field in fields
    }


def card(made: Operation, language: str) -> dict[str, Any]:
    """An operation as lists show it."""
    url = reverse("lab_operation", args=[language, made.name])
    examples = [
        {"url": f"{url}?{urlencode(example)}", "label": " · ".join(given(made, example))}
        for example in made.examples
    ]
    return {"operation": made, "url": url, "examples": examples if language == "en" else []}


def given(made: Operation, example: dict[str, str]) -> list[str]:
    """The terms and words of an example, without its settings."""
    fields = made.Asked().fields
    return [in_short(value) for name, value in example.items() if isinstance(fields[name], GIVEN)]


def defining(made: Operation, language: str) -> Term | None:
    """The glossary's own entry about an operation, where it has one."""
    terms = Term.objects.published().with_definitions()
    return terms.filter(language=language, slug=made.defined_by).first()


def serving(language: str) -> dict[str, Any]:
    """The space, and why there is none to work in: off or language."""
    space = Space.objects.serving()
    if space is None:
        return {"space": None, "reason": "off"}
    return {"space": space, "reason": "" if space.knows(language) else "language"}
