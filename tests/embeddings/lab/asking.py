"""How tests of the lab fill a space, and ask by REST."""

from typing import Any

from django.test import Client

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.models import Space


def embed_all(space: Space) -> None:
    while pipeline.embed_due(space, load(space.encoder)):
        pass


def answer(client: Client, address: str, **given: Any) -> Any:
    response = client.get(address, given)
    assert response.status_code == 200, response.content
    return response.json()


def refusal(client: Client, address: str, **given: Any) -> dict[str, str]:
    """What is wrong, by parameter."""
    response = client.get(address, given)
    assert response.status_code == 400
    return {error["parameter"]: error["detail"] for error in response.json()["errors"]}
