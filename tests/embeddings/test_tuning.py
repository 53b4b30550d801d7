"""Tunings as an operator handles them: the command, the gate, encoders, questions, the worker."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from embeddings import gate
from embeddings.encoders import EncoderUnavailable, describe, load_for_query, tuned_onnx
from embeddings.models import Space, Tuning
from embeddings.tuning.stored import SHAPES, packed
from embeddings.tuning.work import carry_out
from embeddings.watchdog import Watchdog
from tests.factories import make_term

pytestmark = pytest.mark.django_db

BETTER = {
    "reverse": {"questions": 90, "base": 0.3, "tuned": 0.35, "low": 0.01, "high": 0.09},
    "general": {"set": "", "questions": 9, "base": 0.5, "tuned": 0.49, "low": -0.1, "high": 0.1},
}
FIRST = "A unit of text that a model reads or writes in one piece, often a word."
LATER = "Every token is counted when a request to a model has to be paid for."


def command(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out, **options)
    return out.getvalue()


def ask(**fields: Any) -> Tuning:
    said = {"kind": "lora", "side": "both", "pairs": ["later"]} | fields
    return Tuning.objects.ask_for(**said)


def make_done(**fields: Any) -> Tuning:
    """A done one whose adapter is a prompt of nothing."""
    content = packed({name: np.zeros(s, np.float32) for name, s in SHAPES["prompt"].items()})
    said = {"kind": "prompt", "state": "done", "figures": BETTER} | fields
    return ask(adapter=content, sha256=hashlib.sha256(content).hexdigest(), **said)


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is rung."""
    monkeypatch.setattr("embeddings.doorbell._send", lambda task: None)


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was to be exported, instead of the export."""
    asked: list[str] = []
    monkeypatch.setattr(tuned_onnx, "make", asked.append)
    return asked


def test_it_is_asked_for_followed_stopped_resumed_and_removed(unheard: None) -> None:
    said = command("tune", "--side", "query", "--seed", 3, "--pairs", "later, pinned, relation")
    tuning = Tuning.objects.get()
    assert f"tune show {tuning.pk}" in said
    assert (tuning.pairs, tuning.seed, tuning.rate) == (["later", "pinned"], 3, 5e-4)
    assert (tuning.epochs, ask().epochs) == (1, 2)
    Tuning.objects.filter(epochs=2).delete()
    assert "waiting" in command("tune", "list")
    assert Tuning.objects.filter(pk=tuning.pk).tell(step=2, steps=9)
    assert "step 2 of 9" in command("tune", "show", tuning.pk)
    assert "is stopped" in command("tune", "stop", tuning.pk)
    assert not Tuning.objects.filter(pk=tuning.pk).tell(step=3), "its worker is told to end"
    command("tune", "resume", tuning.pk)
    assert Tuning.objects.get().state == "waiting"
    command("tune", "remove", tuning.pk)
    assert not Tuning.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pairs", "later,sooner"], "No pairs are called {'sooner'}"),
        (["--kind", "feedback"], "for questions only"),
        (["--epochs", 0], "Without a round"),
        (["show"], "Write the number"),
        (["show", "x"], "Write the number"),
        (["stop", "999"], "no tuning 999"),
        (["import", "here.pickle"], "ends in .safetensors"),
        (["import", "nowhere.safetensors"], "No such file"),
    ],
)
def test_it_says_what_it_cannot(unheard: None, arguments: list[Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        command("tune", *arguments)
    assert not Tuning.objects.exists()


def test_it_goes_to_another_glossary_as_a_file_and_a_card(tmp_path: Path) -> None:
    tuning, file = make_done(), tmp_path / "medical.safetensors"
    command("tune", "export", tuning.pk, file)
    said = command("tune", "import", file)
    other = Tuning.objects.exclude(pk=tuning.pk).get()
    assert f"Imported as tuning {other.pk}" in said
    assert (bytes(other.adapter or b""), other.sha256) == (file.read_bytes(), tuning.sha256)
    assert (other.kind, other.rate) == (tuning.kind, tuning.rate)
    assert "not measured" in other.reasons_against()[0], "what others measured opens no gate"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": "other"}, "format"),
        ({"base_sha256": "0" * 64}, "another model"),
        ({"sha256": "0" * 64}, "another file"),
        ({"kind": "lora"}, "no adapter of the kind"),
        ({"kind": ["lora"]}, "'kind'"),
        ({"pairs": "later"}, "'pairs'"),
        ({"rate": "fast"}, "'rate'"),
        ({"epochs": -1}, "'epochs'"),
        ({"epochs": 0}, "Without a round"),
        ({"seed": 2**40}, "'seed'"),
    ],
)
def test_it_imports_no_other_cards(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    tuning, file = make_done(), tmp_path / "a.safetensors"
    command("tune", "export", tuning.pk, file)
    card = file.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | changed))
    with pytest.raises(CommandError, match=words):
        command("tune", "import", file)
    assert Tuning.objects.count() == 1


@pytest.mark.parametrize("content", ["", "[]", "no json", '"' + "x" * 200_000 + '"'])
def test_it_imports_no_file_with_a_broken_card(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.safetensors"
    command("tune", "export", make_done().pk, file)
    file.with_suffix(".json").write_text(content)
    with pytest.raises(CommandError, match=r"card|bytes"):
        command("tune", "import", file)


def figures(**changed: Any) -> dict[str, Any]:
    return {name: BETTER[name] | changed.get(name, {}) for name in BETTER}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"figures": figures(reverse={"low": 0.0})}, "not surely better"),
        ({"figures": figures(general={"tuned": 0.48})}, "general questions worse, by 0.020"),
        ({"figures": {}}, "not measured"),
        ({"state": "stopped"}, "not done: it is stopped"),
    ],
)
def test_a_space_of_an_adapter_that_is_not_better_does_not_serve(
    space: Space, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(gate, "obstacle", lambda key: "")
    tuning = make_done()
    tuned = Space.objects.begin(f"{tuning.key}@0.75", name="tuned")
    assert f"tuned  384 dimensions, encoder {tuning.key}@0.75:" in command("spaces", "list")
    assert gate.reasons_against(tuned) == []
    Tuning.objects.filter(pk=tuning.pk).update(**fields)
    assert words in gate.reasons_against(tuned)[0]
    with pytest.raises(CommandError, match=words):
        command("spaces", "activate", "tuned")
    command("spaces", "activate", "tuned", "--force")
    command("spaces", "activate", space.name)
    assert Space.objects.serving() == space, "and that is the way back"


def test_an_adapter_that_is_too_strong_may_serve_at_a_lower_strength(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "obstacle", lambda key: "")
    weaker = {"0.25": figures(reverse={"low": 0.0}), "0.5": BETTER}
    weaker["0.75"] = figures(reverse={"low": 0.02})
    tuning = make_done(figures=figures(general={"tuned": 0.4}) | {"strengths": weaker})
    assert tuning.best_strength == 0.75
    whole, most, little = (
        Space.objects.begin(f"{tuning.key}{share}", name=f"space {share}")
        for share in ("", "@0.8", "@0.2")
    )
    assert "general questions worse" in gate.reasons_against(whole)[0]
    assert gate.reasons_against(most) == []
    assert "not surely better" in gate.reasons_against(little)[0]
    said = command("tune", "show", tuning.pk)
    assert "at a strength of 0.75: look-up +16.7% (+0.020 … +0.090); general questions" in said
    assert "at a strength of 1: " in said
    assert said.count("it may not serve") == 2


def test_a_space_that_this_machine_cannot_ask_does_not_serve(
    space: Space, exports: list[str]
) -> None:
    tuning = make_done()
    Space.objects.begin(f"{tuning.key}@0.5", name="half")
    with pytest.raises(CommandError, match="being prepared"):
        command("spaces", "activate", "half")
    assert exports == [f"{tuning.pk}@0.5"]
    with pytest.raises(CommandError, match="The space “half” is of it"):
        command("tune", "remove", tuning.pk)


def test_every_strength_is_a_model_of_its_own() -> None:
    tuning = make_done()
    whole, half = describe(tuning.key), describe(f"{tuning.key}@0.5")
    assert (whole.dimensions, whole.languages) == (384, ["en"])
    assert len({whole.sha256, half.sha256, describe("sentence_transformers").sha256}) == 3
    assert whole.model != half.model


@pytest.mark.parametrize("argument", ["999", "x", "{}@2", "{}@0", "{}@0.12345", "{}@", "-1"])
def test_there_is_no_encoder_of_what_is_no_tuning(argument: str) -> None:
    with pytest.raises(EncoderUnavailable, match="there is no tuning"):
        describe("tuned:" + argument.format(make_done().pk))


def test_there_is_no_encoder_of_a_tuning_that_is_not_done() -> None:
    with pytest.raises(EncoderUnavailable, match="not done"):
        describe(ask().key)


def test_one_export_is_at_work_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Working:
        made: list[list[str]] = []

        def __init__(self, command: list[str], **_: Any) -> None:
            self.made.append(command)

        def poll(self) -> None:
            return None

    monkeypatch.setattr(tuned_onnx, "_at_work", [])
    monkeypatch.setattr(tuned_onnx, "_begun", {})
    monkeypatch.setattr("embeddings.encoders.tuned_onnx.subprocess.Popen", Working)
    for key in (make_done().key, make_done().key):
        with pytest.raises(EncoderUnavailable, match="being prepared"):
            load_for_query(key)
    assert len(Working.made) == 1


def test_a_question_is_asked_through_an_adapter_only_where_there_is_one(
    client: Client, exports: list[str]
) -> None:
    make_term("token", FIRST)
    Space.objects.begin("sentence_transformers", state="active")
    query, both = make_done(side="query"), make_done()
    for asked in ("x", "-1", f"{query.pk}@0.5", "999", str(both.pk), "9" * 30):
        for url in ("/en/search", "/api/v1/search"):
            assert client.get(url, {"q": "token", "tuned": asked}).status_code in {400, 404}, asked
    page = client.get("/en/search", {"q": "token", "tuned": str(query.pk)})
    assert page.status_code == 200
    assert f"Asked through tuning {query.pk}" in page.text
    assert "just starting" in page.text, "names answer until its graph is there"
    assert set(exports) == {str(query.pk)}
    assert client.get("/api/v1/search", {"q": "token", "tuned": str(query.pk)}).status_code == 200
    query.delete()
    assert (
        client.get(
            page.request["PATH_INFO"],
            {"q": "token", "tuned": str(query.pk)},
            headers={"if-none-match": page["ETag"]},
        ).status_code
        == 404
    )


def test_no_adapter_speaks_for_a_space_of_another_model(client: Client, space: Space) -> None:
    query = make_done(side="query")
    assert client.get("/en/search", {"q": "token", "tuned": str(query.pk)}).status_code == 404


def test_it_has_a_queue_and_a_worker_of_its_own() -> None:
    from glossary.management.commands import up

    assert settings.CELERY_TASK_ROUTES["embeddings.tune"] == {"queue": "tuning"}
    tuner = next(child for child in up.children() if child.name == "tuner")
    assert "tuning" in tuner.command
    assert settings.CELERY_BEAT_SCHEDULE["tuning"]["task"] == "embeddings.tune"


@pytest.mark.parametrize(("queues", "watched"), [({"celery": 1}, True), ({"tuning": 1}, False)])
def test_a_worker_that_only_tunes_is_not_ended_for_what_is_not_embedded(
    queues: dict[str, int], watched: bool
) -> None:
    from types import SimpleNamespace as Made

    app = Made(
        conf=Made(task_default_queue="celery"),
        amqp=Made(queues=Made(consume_from=queues)),
    )
    assert Watchdog.include_if(None, Made(app=app)) is watched  # type: ignore[arg-type]


def test_too_few_pairs_are_an_error_in_words(space: Space) -> None:
    tuning = ask()
    carry_out(tuning)
    tuning.refresh_from_db()
    assert tuning.state == "failed"
    assert "entries give 0 pairs of these kinds" in tuning.error


@pytest.mark.model
def test_the_state_is_fed_back_without_learning(db: None) -> None:
    for number in range(40):
        make_term(f"token {number}", f"{FIRST} {LATER} It has the number {number}.")
    tuning = ask(kind="feedback", side="query", epochs=0)
    carry_out(tuning)
    tuning.refresh_from_db()
    assert (tuning.state, tuning.error, tuning.steps, tuning.losses) == ("done", "", 0, [])
    assert (tuning.figures["pairs"], tuning.figures["reverse"]["questions"]) == (0, 8)
    assert "related" not in tuning.figures, "entries stay"


@pytest.mark.model
def test_a_small_real_run_is_stopped_goes_on_and_lowers_the_loss(db: None, tmp_path: Path) -> None:
    for number in range(40):
        make_term(f"token {number}", f"{FIRST} {LATER} It has the number {number}.")
    tuning = ask(epochs=5)

    def stop(now: Tuning) -> None:
        if now.step == 2:
            Tuning.objects.filter(pk=now.pk).stop()

    carry_out(tuning, stop)
    tuning.refresh_from_db()
    assert (tuning.state, tuning.step, bool(tuning.checkpoint)) == ("stopped", 3, True)
    assert Tuning.objects.filter(pk=tuning.pk).resume()
    carry_out(tuning)
    tuning.refresh_from_db()
    assert (tuning.state, tuning.error, tuning.steps) == ("done", "", 5)
    assert len(tuning.losses) == 5
    assert tuning.losses[-1] < tuning.losses[0]
    assert tuning.figures["held_out"] == 8
    assert {"reverse", "related", "general", "cost", "pairs"} <= tuning.figures.keys()
    assert len(tuning.inspection["most_moved"]) == 10
    assert hashlib.sha256(bytes(tuning.adapter or b"")).hexdigest() == tuning.sha256
    assert "cost:" in command("tune", "show", tuning.pk)
    file = tmp_path / "a.safetensors"
    command("tune", "export", tuning.pk, file)
    command("tune", "import", file)
    other = Tuning.objects.exclude(pk=tuning.pk).get()
    assert "look-up by description" in command("tune", "measure", other.pk, here=True)
    other.refresh_from_db()
    assert other.figures["reverse"] == tuning.figures["reverse"], "the same terms were held out"
    assert other.figures["imported"]["pairs"] == tuning.figures["pairs"]
    with pytest.raises(CommandError, match="is not measured"):
        command("tune", "measure", other.pk)
