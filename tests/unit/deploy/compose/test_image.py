"""The image holds what the services need, at the versions that were tested, and nothing that only tests or the embedded stack need."""

import ast
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from services.cli.commands import ENTRIES
from tests.unit.deploy.compose.composed import ROOT, base_services, target_of

DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()


def pins(lock: str) -> dict[str, set[str]]:
    """Sums by `name==version ; marker`."""
    found: dict[str, set[str]] = {}
    current = ""
    for line in (ROOT / lock).read_text().splitlines():
        if line.startswith("    --hash="):
            found[current].add(line.strip().rstrip(" \\"))
        elif line and not line.startswith("#"):
            current = line.rstrip(" \\")
            found[current] = set()
    return found


def names(pinned: dict[str, set[str]]) -> set[str]:
    return {re.split("[=;\\[ ]", pin)[0] for pin in pinned}


def test_the_images_lock_is_a_part_of_the_other_with_the_same_versions_and_sums() -> None:
    image, everything = pins("requirements-services.lock"), pins("requirements.lock")
    versions = {pin.split(";")[0].strip() for pin in everything}
    assert [pin for pin in image if pin.split(";")[0].strip() not in versions] == []
    assert all(image.values())


def test_the_image_has_every_dependency_of_the_services_and_no_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = names(pins("requirements-services.lock"))
    name = re.compile(r"[a-z0-9-]+")

    def named(requirements: list[str]) -> set[str]:
        return {found.group() for one in requirements if (found := name.match(one))}

    assert named(project["dependencies"]) <= locked
    for extra in project["optional-dependencies"].values():
        assert named(extra).isdisjoint(locked)


def test_the_image_is_built_in_stages_from_a_pinned_base_and_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])
    assert "--require-hashes" in DOCKERFILE
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def copies() -> list[tuple[str, str]]:
    """(path here, path in the image) of everything that is copied into it from here."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [(source, words[-1]) for line in lines if (words := line.split()) for source in words[:-1]]


def test_what_the_image_copies_exists_and_reaches_the_builder() -> None:
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    copied = [source for source, _ in copies()]
    assert copied
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert set(copied) <= sent


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/app as the image has it."""
    root = tmp_path_factory.mktemp("image")
    for source, target in copies():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, root / target.lstrip("/"))
        elif target.startswith("/app"):
            into = root / target.lstrip("/")
            into = into / Path(source).name if target.endswith("/") else into
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, into)
    return root / "app"


OWN = {"services", "deploy", "dashboards"}


def imported_at_once(path: Path) -> Iterator[str]:
    """What the module imports when it is loaded: `a.b` of `import a.b`, and `a.b` and `a.b.c` of `from a.b import c`."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(app: Path, module: str) -> Path | None:
    """None for what is a name in a module, and for what is not there."""
    path = app / module.replace(".", "/")
    found = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return found if found.exists() else None


def loaded(app: Path, modules: Iterable[str]) -> set[str]:
    """All that is imported when these modules start. Raises `AssertionError` for one of ours that the image lacks."""
    todo, seen = list(modules), set[str]()
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        parent = module.rpartition(".")[0]
        if module.partition(".")[0] in OWN:
            path = file_of(app, module)
            assert path or file_of(app, parent), f"{module} is not in the image"
            todo += [parent] if parent else []
            todo += imported_at_once(path) if path else ()
    return seen


def test_every_service_and_command_finds_what_it_imports(app: Path) -> None:
    """Of the commands all but those of the embedded stack, which is not in the image."""
    modules = [f"services.{name}.__main__" for name in ("ingest", "scoring", "storage", "api", "alerting")]
    modules += ["deploy.kafka.__main__", "services.cli.main"]
    modules += {entry.module for entry in ENTRIES.values()} - {"services.cli.stack"}
    packages = {module.partition(".")[0] for module in loaded(app, modules)} - OWN - sys.stdlib_module_names
    locked = names(pins("requirements-services.lock"))
    of = packages_distributions()
    assert "kafka" in packages
    assert {p for p in packages if not {one.lower().replace("_", "-") for one in of[p]} & locked} == set()


def test_a_command_of_the_embedded_stack_would_be_missed(app: Path) -> None:
    with pytest.raises(AssertionError, match=r"deploy\.embedded\.[\w.]+ is not in the image"):
        loaded(app, ["services.cli.stack"])


def test_grafanas_image_has_its_plugin_and_fetches_nothing_at_its_start() -> None:
    grafana = (ROOT / "deploy/docker/grafana.Dockerfile").read_text()
    assert re.search(r"^FROM grafana/grafana:\d+\.\d+\.\d+$", grafana, re.MULTILINE)
    assert re.search(r"^ARG CLICKHOUSE_PLUGIN=4\.\d+\.\d+$", grafana, re.MULTILINE)
    (folder,) = re.findall(r"GF_PATHS_PLUGINS=(\S+)", grafana)
    assert f"--pluginsDir {folder} plugins install grafana-clickhouse-datasource" in grafana
    volumes = [target_of(volume) for volume in base_services()["grafana"]["volumes"]]
    assert [volume for volume in volumes if folder.startswith(volume)] == []
    assert "GF_PLUGINS_PREINSTALL_DISABLED=true" in grafana
    assert not [name for name in base_services()["grafana"]["environment"] if "PREINSTALL" in name]
    assert grafana.rindex("USER 472") > grafana.rindex("USER root")
