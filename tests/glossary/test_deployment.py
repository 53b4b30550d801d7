"""Image, compose file and pins, as far as they can be held to their word without an engine."""

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.core.management import get_commands

from glossary.servers import process

REPOSITORY = Path(__file__).parents[2]
REQUIRED = {
    "SECRET_KEY": "k" * 50,
    "POSTGRES_PASSWORD": "p",
    "LEXISPACE_URL": "https://glossary.example.org",
    "ALLOWED_HOSTS": "glossary.example.org",
}
APPLICATION = ("prepare", "web", "worker", "tuner", "beat")

Instruction = tuple[str, str]


def read(name: str) -> str:
    return (REPOSITORY / name).read_text()


def dockerfile() -> list[Instruction]:
    """The Dockerfile's instructions, (keyword, arguments), comments and continuations resolved."""
    lines = [line for line in read("Dockerfile").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(keyword, " ".join(arguments.split())) for keyword, arguments in split]


def final_stage() -> list[Instruction]:
    instructions = dockerfile()
    last = max(i for i, (keyword, _) in enumerate(instructions) if keyword == "FROM")
    return instructions[last:]


def compose_file() -> dict[str, Any]:
    return dict(yaml.safe_load(read("docker-compose.yml")))


def tracked_files() -> list[str]:
    """What a clone has, or will have when this working tree is committed."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(listing, cwd=REPOSITORY, capture_output=True, check=True).stdout
    return [name for name in output.decode().splitlines() if (REPOSITORY / name).is_file()]


def copied_sources() -> list[str]:
    """The sources of every COPY from the build's context."""
    found = []
    for keyword, arguments in dockerfile():
        if keyword == "COPY" and "--from" not in arguments:
            found += arguments.split()[:-1]
    return found


def names_that_settings_read() -> set[str]:
    sources = read("glossary/settings.py") + read("glossary/environment.py")
    return set(re.findall(r"""\b(?:text|flag|words)\(\s*"([A-Z_]+)\"""", sources))


# Compose


def compose_config(**variables: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [program, "--file", "docker-compose.yml", "config"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_file_is_valid() -> None:
    checked = compose_config(**REQUIRED)
    assert checked.returncode == 0, checked.stderr
    assert set(yaml.safe_load(checked.stdout)["services"]) == {"db", "redis", *APPLICATION}


@pytest.mark.parametrize("name", REQUIRED)
def test_compose_names_a_variable_that_is_missing(name: str) -> None:
    given = {key: value for key, value in REQUIRED.items() if key != name}
    refused = compose_config(**given)
    assert refused.returncode != 0
    assert f"{name} is missing, write" in refused.stderr


@pytest.mark.parametrize("service", APPLICATION)
def test_every_variable_that_compose_sets_is_one_that_the_settings_read(service: str) -> None:
    assert set(compose_file()["services"][service]["environment"]) <= names_that_settings_read()


def test_every_variable_that_the_image_sets_is_read_by_somebody() -> None:
    ours = {name for name in environment_of(final_stage()) if name.startswith(("LEXI", "HOST"))}
    assert ours
    assert ours <= names_that_settings_read()


def test_no_secret_stands_in_the_files() -> None:
    compose = re.sub(r"#.*", "", read("docker-compose.yml"))
    literal = re.sub(r"\$\{[^}]*\}", "", compose)  # without what comes from .env
    assert literal != compose
    assert not re.search(r"(SECRET|PASSWORD)\w*:[ \t]*\S", literal)
    assert not re.search(r"://\w*:[^@\s]+@", literal)
    assert not re.search(r"(ENV|ARG)\s.*(SECRET|PASSWORD)", read("Dockerfile"))


def test_every_service_of_compose_comes_back_and_is_checked() -> None:
    for name, service in compose_file()["services"].items():
        assert service["restart"] == ("on-failure:3" if name == "prepare" else "always")
        inherited = name == "web"  # from the image
        assert inherited or "healthcheck" in service


def test_compose_runs_programs_that_are_installed() -> None:
    commands = [compose_file()["services"][name].get("command") for name in APPLICATION]
    assert ["python", "manage.py", "prepare"] in commands
    assert "prepare" in get_commands()
    for command in filter(None, commands):
        assert (Path(sys.executable).parent / command[0]).exists()


# The image


def environment_of(instructions: list[Instruction]) -> dict[str, str]:
    pairs: list[str] = []
    for keyword, arguments in instructions:
        if keyword == "ENV":
            pairs += shlex.split(arguments)
    return dict(pair.split("=", 1) for pair in pairs)


def test_everything_that_is_copied_is_in_a_clone_and_in_the_context() -> None:
    tracked = tracked_files()
    context = [line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")]
    for source in copied_sources():
        assert any(name == source or name.startswith(f"{source}/") for name in tracked), source
        assert source in context
    assert sorted(context) == sorted(copied_sources())


def test_everything_that_runs_is_copied() -> None:
    ours = {
        Path(config.path).relative_to(REPOSITORY).parts[0]
        for config in apps.get_app_configs()
        if Path(config.path).parent == REPOSITORY
    }
    assert {"manage.py", "templates", "static", "data", *ours} <= set(copied_sources())


def test_the_image_runs_as_nobody_special_and_is_checked() -> None:
    keywords = [keyword for keyword, _ in final_stage()]
    user = next(arguments for keyword, arguments in final_stage() if keyword == "USER")
    assert user == "lexispace"
    assert keywords.index("USER") < keywords.index("CMD")
    assert any("/healthz" in arguments for key, arguments in final_stage() if key == "HEALTHCHECK")


class Replay:
    """The final stage's steps that are ours to run, done in an empty folder in place of /app."""

    def __init__(self, app: Path) -> None:
        self.app = app
        self.port = free_port()
        own = {name: self.here(value) for name, value in environment_of(final_stage()).items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = own | {"PATH": path, "LANG": "C.UTF-8"}

    def here(self, text: str) -> str:
        return text.replace("/app", str(self.app)).replace("8000", str(self.port))

    def copy(self) -> None:
        sources = tuple(f"{source}/" for source in copied_sources())
        for name in tracked_files():
            if name.startswith(sources) or name in copied_sources():
                target = self.app / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(REPOSITORY / name, target)
        (self.app / "var").mkdir()

    def run(self, command: str) -> None:
        subprocess.run(
            ["bash", "-c", self.here(command)], cwd=self.app, env=self.environment, check=True
        )

    def exec_form(self, keyword: str) -> list[str]:
        """The arguments of CMD, or of the CMD in HEALTHCHECK."""
        arguments = next(found for key, found in final_stage() if key == keyword)
        return [self.here(word) for word in json.loads(arguments[arguments.index("[") :])]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    replay = Replay(tmp_path_factory.mktemp("image") / "app")
    replay.copy()
    for keyword, arguments in final_stage():
        if keyword == "RUN" and "manage.py" in arguments:
            replay.run(arguments)
    yield replay
    shutil.rmtree(replay.app)


@pytest.mark.processes
@pytest.mark.model
def test_the_image_has_static_files_and_model_but_no_secret(image: Replay) -> None:
    var = image.app / "var"
    assert (var / "static" / "staticfiles.json").is_file()
    assert len(list((var / "models").glob("*.onnx"))) == 1
    assert not (var / "secret-key").exists()
    assert {path.name for path in var.iterdir()} == {"static", "models"}


@pytest.mark.processes
@pytest.mark.model
def test_the_image_serves_and_its_health_check_tells(image: Replay) -> None:
    """With the variables that compose sets, and no database: alive is not the same as ready."""
    serving = image.environment | REQUIRED
    serving |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    check = image.exec_form("HEALTHCHECK")
    web = subprocess.Popen(
        image.exec_form("CMD"),
        cwd=image.app,
        env=serving,
        executable=shutil.which("granian", path=image.environment["PATH"]),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )

    def healthy() -> bool:
        command = [sys.executable, *check[1:]]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    try:
        assert process.wait_until(healthy, 60)
    finally:
        web.terminate()
        assert web.wait(20) == 0
    assert not healthy()


# Pins


def pins() -> dict[str, str]:
    lines = [line for line in read("constraints.txt").splitlines() if not line.startswith("#")]
    return {canonical(name): version for name, version in (line.split("==") for line in lines)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_installed_is_pinned_to_what_is_installed() -> None:
    installed = {
        canonical(found.name): found.version.split("+")[0]
        for found in importlib.metadata.distributions()
    }
    for name in ("pip", "lexispace"):
        installed.pop(name, None)
    assert installed.items() <= pins().items()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {canonical(re.split(r"[\[;<>= ]", requirement)[0]) for requirement in wanted}
    assert names <= set(pins())


def test_torch_is_the_same_everywhere() -> None:
    assert f"torch=={pins()['torch']}" in read("Makefile")
    assert f"torch=={pins()['torch']}" in read("Dockerfile")


def test_ci_script_is_valid_bash() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)
