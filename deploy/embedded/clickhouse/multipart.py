"""Splits a multipart body into its parts as it arrives: what is in them may be larger than memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import HTTP

from deploy.embedded.clickhouse.errors import BAD_ARGUMENTS, refusal

MAX_HEAD_BYTES = 16 * 1024
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class PartBegins:
    """The name of a field; `is_file` when it names a file, even with an empty name."""

    name: str
    is_file: bool


async def parts(body: AsyncIterator[bytes], content_type: str) -> AsyncIterator[PartBegins | bytes]:
    """For each part its beginning and then its content in pieces. Raises code 36 for a body that is no form."""
    delimiter = b"\r\n--" + _boundary(content_type)
    reader = _Reader(body)
    await reader.skip_to(delimiter)
    while not await reader.at(b"--"):
        yield _begins(await reader.head())
        async for piece in reader.up_to(delimiter):
            yield piece


def _boundary(content_type: str) -> bytes:
    head = Message()
    head["Content-Type"] = content_type
    boundary = head.get_param("boundary")
    if not boundary:
        raise _broken("its boundary is not named")
    return str(boundary).encode()


def _begins(head: bytes) -> PartBegins:
    parsed = BytesHeaderParser(policy=HTTP).parsebytes(head)
    name = parsed.get_param("name", header="content-disposition")
    if name is None:
        raise _broken("a part has no name")
    return PartBegins(str(name), parsed.get_param("filename", header="content-disposition") is not None)


class _Reader:
    """Looks for delimiters in a stream; holds no more than a chunk and what may be the beginning of one."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self._pending = bytearray(b"\r\n")  # so that the first delimiter is like every other one

    async def skip_to(self, delimiter: bytes) -> None:
        async for _ in self.up_to(delimiter):
            pass

    async def up_to(self, delimiter: bytes) -> AsyncIterator[bytes]:
        """What comes before the delimiter, which is passed over."""
        while (found := self._pending.find(delimiter)) < 0:
            sure = len(self._pending) - len(delimiter) + 1
            if sure > 0:
                yield bytes(self._pending[:sure])
                del self._pending[:sure]
            await self._more()
        if found:
            yield bytes(self._pending[:found])
        del self._pending[: found + len(delimiter)]

    async def head(self) -> bytes:
        """The headers of a part."""
        while (end := self._pending.find(_HEAD_END)) < 0:
            if len(self._pending) > MAX_HEAD_BYTES:
                raise _broken("the head of a part does not end")
            await self._more()
        head = bytes(self._pending[:end]).lstrip()
        del self._pending[: end + len(_HEAD_END)]
        return head

    async def at(self, mark: bytes) -> bool:
        """Whether `mark` comes next."""
        while len(self._pending) < len(mark):
            await self._more()
        return self._pending.startswith(mark)

    async def _more(self) -> None:
        chunk = await anext(self._body, None)
        if chunk is None:
            raise _broken("it ends before its last boundary")
        self._pending += chunk


def _broken(why: str) -> Exception:
    return refusal(BAD_ARGUMENTS, "BAD_ARGUMENTS", f"The body is no multipart form: {why}.")
