"""Kafka's jars: resolved once with jgo, checked against committed sums at every start.

After the first resolution nothing touches the network. `python -m deploy.embedded.jars --write-sums`
resolves afresh and writes `kafka_jars.sha256` again, for whoever raises KAFKA_VERSION.
"""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock
from tenacity import Retrying, stop_after_attempt, wait_fixed

from deploy.embedded.errors import StackError

KAFKA_VERSION = "4.3.1"
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",
)
# Kafka logs through slf4j 1.7 and ships this binding only in its tarball; without it a broker dies mute.
# On its own: among the coordinates, its parent's managed versions would bring kafka-clients 3.9.
LOG_BINDING = ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.4")
SUMS = Path(__file__).with_name("kafka_jars.sha256")
_DOWNLOADS = 8  # connections; the 91 jars are small, so latency decides
_ATTEMPTS = 3  # a download cut on a bad line: what has arrived stays, the next attempt goes on from there
_WAIT_S = 2.0

Resolver = Callable[[Path], Iterable[Path]]


class JarsChangedError(StackError):
    """The cached jars are not the ones whose sums are committed."""


def jar_folder(cache_dir: Path) -> Path:
    return cache_dir / f"kafka-{KAFKA_VERSION}"


def classpath(cache_dir: Path) -> str:
    """The class path of the broker: every jar of the folder."""
    return f"{jar_folder(cache_dir)}/*"


def ensure_jars(
    cache_dir: Path, resolve: Resolver | None = None, sums: Path = SUMS, wait_s: float = _WAIT_S
) -> Path:
    """The folder that holds exactly the jars of the committed list, resolved first when it is absent.

    Raises JarsChangedError on a jar that is missing, extra or altered, StackError when the jars cannot be had.
    """
    folder = jar_folder(cache_dir)
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(cache_dir / "kafka.lock"):  # stacks that start together on a fresh machine resolve once
        if not folder.exists():
            _resolve_into(folder, resolve or resolve_with_jgo, sums, wait_s)
    check_jars(folder, sums)
    return folder


def check_jars(folder: Path, sums: Path = SUMS) -> None:
    """Raises JarsChangedError with one sentence unless the folder holds exactly the jars of the list."""
    expected = read_sums(sums)
    found = {path.name: path for path in folder.iterdir()}
    for name in sorted(found.keys() - expected.keys()):
        raise JarsChangedError(
            f"{found[name]} is not one of Kafka's jars: remove it, or delete {folder} and start again"
        )
    for name in sorted(expected.keys() - found.keys()):
        raise JarsChangedError(
            f"{folder / name} is missing: delete {folder} and start again, the jars are fetched anew"
        )
    with ThreadPoolExecutor(2) as pool:
        actual = dict(zip(found, pool.map(sha256, found.values()), strict=True))
    for name in sorted(name for name in expected if actual[name] != expected[name]):
        raise JarsChangedError(
            f"{found[name]} has another SHA-256 sum than {sums.name} says: "
            f"delete {folder} and start again, the jars are fetched anew"
        )


def read_sums(sums: Path = SUMS) -> dict[str, str]:
    """File name -> SHA-256, from lines as `sha256sum` writes them."""
    pairs = (line.split() for line in sums.read_text().splitlines() if line.strip())
    return {name: digest for digest, name in pairs}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolve_with_jgo(repository: Path) -> list[Path]:
    """Every jar of the class path, downloaded below `repository`.

    Only jgo's resolver is used: its environments would ask cjdk for a JDK to sort modules from jars.
    """
    import jgo  # noqa: PLC0415  heavy, and needed once in the life of a machine
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=repository)
    found = [(a.groupId, a.artifactId, a.version) for a in jgo.resolve("+".join(COORDINATES))]
    artifacts = [
        context.project(group, name).at_version(version).artifact()
        for group, name, version in [*found, LOG_BINDING]
    ]
    with ThreadPoolExecutor(_DOWNLOADS) as pool:
        return list(pool.map(_download, artifacts))


def _download(artifact: Any) -> Path:
    """A cut download is removed: jgo would take the half file for the jar on the next attempt."""
    try:
        return Path(artifact.resolve())
    except Exception:
        artifact.cached_path.unlink(missing_ok=True)
        raise


def _resolve_into(folder: Path, resolve: Resolver, sums: Path, wait_s: float) -> None:
    """Fill the folder in one rename, so that a killed start leaves no half of it."""
    with TemporaryDirectory(dir=folder.parent, prefix="resolving-") as scratch:
        staged = Path(scratch) / "jars"
        staged.mkdir()
        for jar in _fetch(Path(scratch) / "repository", resolve, wait_s):
            shutil.copyfile(jar, staged / jar.name)
        check_jars(staged, sums)
        staged.rename(folder)


def _fetch(repository: Path, resolve: Resolver, wait_s: float) -> list[Path]:
    trying = Retrying(stop=stop_after_attempt(_ATTEMPTS), wait=wait_fixed(wait_s), reraise=True)
    try:
        return list(trying(resolve, repository))
    except Exception as error:
        raise StackError(
            f"Kafka {KAFKA_VERSION} could not be fetched ({error}): this is needed once, "
            "check the connection (jgo reads its mirrors from its own configuration) and start again"
        ) from error


def write_sums(sums: Path = SUMS) -> int:
    """Resolve afresh and write the committed list; the number of jars."""
    with TemporaryDirectory() as scratch:
        lines = sorted(f"{sha256(jar)}  {jar.name}" for jar in resolve_with_jgo(Path(scratch)))
    sums.write_text("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n")
    return len(lines)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write-sums"]:
        sys.exit("usage: python -m deploy.embedded.jars --write-sums")
    print(f"{write_sums()} jars in {SUMS}")
