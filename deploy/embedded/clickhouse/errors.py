"""ClickHouse's errors: code, message, and the HTTP status that its server answers with."""

import re
from http import HTTPStatus

BAD_ARGUMENTS = 36
CHECKSUM_DOESNT_MATCH = 40
NOT_IMPLEMENTED = 48
SYNTAX_ERROR = 62
CANNOT_DECOMPRESS = 271
READONLY = 164
UNKNOWN_SETTING = 115
UNKNOWN_TABLE = 60
QUERY_IS_TOO_LARGE = 229
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
QUERY_WAS_CANCELLED = 394
INTO_OUTFILE_NOT_ALLOWED = 358
ACCESS_DENIED = 497
AUTHENTICATION_FAILED = 516
UNKNOWN_EXCEPTION = 1002

_CODE = re.compile(r"Code: (\d+)\. ")
_VERSION = re.compile(r"\(version [^)]*\)\s*$")

# The mapping of ClickHouse's own HTTP server (exceptionCodeToHTTPStatus); a code that is not named gives 500
_CODES_BY_STATUS: dict[HTTPStatus, tuple[int, ...]] = {
    HTTPStatus.UNAUTHORIZED: (194,),
    HTTPStatus.FORBIDDEN: (192, 193, ACCESS_DENIED, 512, AUTHENTICATION_FAILED),
    HTTPStatus.BAD_REQUEST: (
        *(6, 8, 15, 25, 26, 27, BAD_ARGUMENTS, 37, 38, 41, 44, 53, SYNTAX_ERROR, 72, 117, 123),
        *(167, 168, 223, 321, 376, 427, 441, 675, 676),
    ),
    HTTPStatus.NOT_FOUND: (46, 47, 50, 56, 60, 63, 73, 78, 81, UNKNOWN_SETTING, 152, 336, 511),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (QUERY_IS_TOO_LARGE,),
    HTTPStatus.NOT_IMPLEMENTED: (NOT_IMPLEMENTED,),
    HTTPStatus.SERVICE_UNAVAILABLE: (76, 209, 439),
    HTTPStatus.LENGTH_REQUIRED: (381,),
    HTTPStatus.REQUEST_TIMEOUT: (159,),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (779,),
}
_STATUS_BY_CODE = {code: status for status, codes in _CODES_BY_STATUS.items() for code in codes}


class ClickHouseError(Exception):
    """A statement that failed, in ClickHouse's terms: `code`, and a text that begins with `Code: <code>. `."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code

    @property
    def status(self) -> HTTPStatus:
        return _STATUS_BY_CODE.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)

    def body(self, version: str) -> str:
        """The text as the server ends it, with the version and a newline."""
        text = str(self).rstrip()
        return text + "\n" if _VERSION.search(text) else f"{text} (version {version})\n"


def refusal(code: int, name: str, message: str) -> ClickHouseError:
    """An error that this server finds before the engine is asked."""
    return ClickHouseError(code, f"Code: {code}. DB::Exception: {message} ({name})")


def from_engine(failure: Exception) -> ClickHouseError:
    """The error inside an exception of chdb, which is a RuntimeError with ClickHouse's text in it."""
    text = str(failure)
    found = _CODE.search(text)
    if found is None:
        return refusal(UNKNOWN_EXCEPTION, "UNKNOWN_EXCEPTION", text or type(failure).__name__)
    return ClickHouseError(int(found[1]), text[found.start() :])
