"""A small glossary with something on every kind of page, and the addresses of these kinds."""

from embeddings import pipeline
from embeddings.encoders import load
from embeddings.lab import backdrop, graph
from embeddings.models import Space
from terms.models import Glossary, Source, Term
from tests.factories import (
    make_alias,
    make_bundle,
    make_example,
    make_layout,
    make_sense,
    make_term,
    make_topic,
    relate,
)

KEY = "k7m2p9qa"
RICH = "/en/define/latent-space"
PAGES = {
    "home": "/",
    "A–Z": "/en/",
    "letter": "/en/letter/L",
    "term": RICH,
    "deprecated term": "/en/define/old-idea",
    "choice": "/en/define/IR",
    "search with hits": "/en/search?q=latent",
    "search with nothing": "/en/search?q=qqqqqq",
    "search without a question": "/en/search?q=",
    "which word": "/en/search?q=an+unpleasant+emotion+about+danger",
    "why": f"/en/search/why?q=a+row+of+numbers&sense={KEY}",
    "topics": "/en/topics",
    "topic": "/en/topics/geometry",
    "bundles": "/en/bundles",
    "bundle": "/en/bundles/first-steps",
    "compare": "/en/compare/embedding/latent-space",
    "spaces": "/en/lab/spaces?q=a+row+of+numbers",
    "map": "/en/map?at=embedding",
    "group of the map": "/en/map/1",
    "lab": "/en/lab",
    "neighbours in the lab": "/en/lab/neighbours?of=embedding&k=3",
    "comparison in the lab": "/en/lab/compare?one=embedding&other=vector",
    "interpolation": "/en/lab/interpolate?one=embedding&other=vector",
    "arithmetic": "/en/lab/arithmetic?of=embedding+-+vector",
    "mask": "/en/lab/mask?of=embedding&k=64",
    "sample": "/en/lab/sample?of=embedding&count=8",
    "direction": "/en/lab/direction?toward=fear,dread&away=embedding,vector",
    "surgery": "/en/lab/surgery?of=run&toward=fear,dread&away=embedding,vector",
    "clusters": "/en/lab/cluster?k=3",
    "trail": "/en/lab/trail?one=fear&other=vector",
    "hops": "/en/lab/reason?question=embedding",
    "path": "/en/path/embedding",
    "recent": "/en/recent",
    "history": f"{RICH}/history",
    "version": f"{RICH}/version/1",
    "formulas and many senses": "/en/define/run",
    "404": "/en/define/no-such-word",
    "410": "/en/define/gone-word",
    "log-in": "/accounts/login/",
    "a new password": "/accounts/reset/",
}
EMPTY = ["/", "/en/", "/en/map", "/en/topics", "/en/bundles", "/en/recent", "/en/search?q=word"]


def make_everything() -> None:
    Glossary.objects.get_or_create(id=1, defaults={"licence": "CC BY 4.0"})
    space = Space.objects.ensure_default()
    latent = make_term("latent space", "A space in which *similar* things lie near one another.")
    embedding = make_term("embedding", "A vector that stands for a thing in a latent space.")
    vector = make_term("vector", "A row of numbers that one may add and scale.")
    retrieval = make_term("information retrieval", "Finding documents that answer a question.")
    make_alias(retrieval, "IR", kind="abbreviation")
    make_alias(make_term("intermediate representation"), "IR", kind="abbreviation")
    make_term("fear", "An unpleasant emotion about danger that is present.")
    make_term("dread", "An unpleasant emotion about danger that will come.")
    make_term("old idea", status=Term.Status.DEPRECATED, replaced_by=latent)
    make_term("gone word").delete()
    run = make_term("run", f"Of $x^2$\n\n$${'+x' * 90}$$\n\n    {'code = ' * 40}")
    for _ in range(4):
        make_sense(run)
    fill(latent)
    relate(latent, embedding, "broader")
    relate(latent, vector)
    relate(latent, make_term("surface form"), "antonym")
    make_bundle(latent, embedding, vector, title="First steps", introduction="Read *these* first.")
    for each in (space, Space.objects.begin("hashing", name="second")):
        while pipeline.embed_due(each, load(each.encoder)):
            pass
    backdrop.measure(space, "en")
    graph.measure(space, "en")
    make_layout(space, latent, embedding, vector, *[make_term(f"word {n:02}") for n in range(17)])


def fill(latent: Term) -> None:
    """Everything that an entry may have besides its first sense."""
    make_alias(latent, "representation space")
    make_alias(latent, "LS", kind="abbreviation")
    sense = make_sense(
        latent,
        "The codes of an autoencoder, each a vector, with " + "x" * 90 + " and `code` inside.",
        key=KEY,
        part_of_speech="noun",
        register="technical",
    )
    make_example(sense, "A code of 32 numbers stands for a picture.", source="Our own")
    sense.topics.add(make_topic("Geometry"), make_topic("Plane geometry", description="Flat."))
    sense.sources.add(Source.objects.create(title="A book", url="https://example.org/book"))
    latent.name = "latent space"
    latent.save()
    first = latent.senses.all()[0]
    first.definition = "A space in which *similar* things lie near one another, each a vector."
    first.save()
