"""The image holds what the services need, at the versions that were tested, and nothing that only tests or the embedded stack need."""

import re
import tomllib

from tests.unit.deploy.compose.composed import ROOT

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


def test_what_the_image_copies_exists_and_reaches_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert copied
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert set(copied) <= sent
