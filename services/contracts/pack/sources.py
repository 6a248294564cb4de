"""Reads the files of a pack folder into plain data that knows its lines: YAML documents and CSV rows."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from services.contracts.pack.problem import BadPack, PackProblem

Path_ = tuple[str | int, ...]
"""Keys and indexes from the document's root to a value."""


@dataclass(frozen=True)
class Document:
    """Plain data with the line of each of its parts."""

    file: str
    data: Any
    lines: dict[Path_, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    """Of a CSV, in their order."""

    def line(self, path: Path_) -> int:
        """The line of the part, or of the nearest part that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_text(folder: Path, file: str) -> str:
    """The file's text. Raises `BadPack` when it is missing or not UTF-8."""
    try:
        body = (folder / file).read_bytes()
    except FileNotFoundError:
        raise _bad(file, 1, "the file is missing", f"a {file} into {folder}") from None
    except OSError as error:
        raise _bad(file, 1, f"the file cannot be read ({error.strerror})", "a readable file") from None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise _bad(file, line, "the text is not UTF-8", "the file with the encoding UTF-8") from None


def read_yaml(folder: Path, file: str) -> Document:
    """The YAML file with its lines. Raises `BadPack` for text that is no YAML and for keys given twice."""
    text = read_text(folder, file)
    loader = _Loader(text)
    lines: dict[Path_, int] = {}
    try:
        node = loader.get_single_node()
        data = None if node is None else _build(loader, node, (), lines, file)
    except RecursionError:
        raise _bad(
            file, 1, "the text is nested without end, as a part that refers to itself is", "it out"
        ) from None
    except yaml.MarkedYAMLError as error:
        raise _unreadable(file, error) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _bad(file, line, "the text holds a control character", "plain text") from None
    return Document(file, data, lines)


def read_csv(folder: Path, file: str) -> Document:
    """The CSV file as a list of mappings, empty cells left out; row `i` stands at path `(i,)`. Raises `BadPack`."""
    reader = csv.reader(read_text(folder, file).splitlines(keepends=True), strict=True)
    rows: list[dict[str, str]] = []
    lines: dict[Path_, int] = {(): 1}
    line = 1
    try:
        header = _header(file, next(reader, []))
        for row in _numbered(reader):
            line, cells = row
            if len(cells) != len(header):
                raise _bad(
                    file, line, f"the row has {len(cells)} cells", f"{len(header)}, one for each column"
                )
            if any(_CONTROL.search(cell) for cell in cells):
                raise _bad(file, line, "the row holds a control character", "plain text")
            lines[(len(rows),)] = line
            rows.append(
                {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
            )
    except csv.Error as error:
        raise _bad(
            file, reader.line_num, f"unreadable CSV: {error}", 'texts that hold a comma as "a, b"'
        ) from None
    return Document(file, rows, lines, tuple(header))


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _numbered(reader: Any) -> Any:
    first = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield first, cells
        first = reader.line_num + 1


def _header(file: str, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if len(names) == 1 and ";" in names[0]:
        raise _bad(file, 1, "the columns are separated by ';'", "them separated by ','")
    if not any(names):
        raise _bad(file, 1, "the file is empty", "a first line with the names of the columns")
    for name in names:
        if names.count(name) > 1:
            raise _bad(file, 1, f"the column {name!r} stands there twice", "it once")
    return names


# --- YAML: no surprises from texts that look like dates, octal numbers or Norway --------------------------------------------


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way


_NUMBER_START: Final = list("-+.0123456789")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9]\d*)$"), _NUMBER_START)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?$"), _NUMBER_START
)


def _build(loader: _Loader, node: yaml.Node, path: Path_, lines: dict[Path_, int], file: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, item, (*path, i), lines, file) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, path, lines, file)
    return loader.construct_object(node)


def _mapping(
    loader: _Loader, node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], file: str
) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in built:
            raise _bad(file, line, f"the key {key!r} stands there twice", "it once")
        lines[(*path, key)] = line
        built[key] = _build(loader, value_node, (*path, key), lines, file)
    return built


def _unreadable(file: str, error: yaml.MarkedYAMLError) -> BadPack:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    problem = error.problem or "no YAML"
    if "'\\t'" in problem:
        return _bad(file, line, "a tab stands where YAML allows only spaces", "two spaces for each level")
    return _bad(
        file,
        line,
        f"unreadable YAML ({problem})",
        "'key: value', quoting texts with ': ' or ' #'",
    )


def _bad(file: str, line: int, what: str, write_instead: str) -> BadPack:
    return BadPack([PackProblem(file, line, what, write_instead)])
