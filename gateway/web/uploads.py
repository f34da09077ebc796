"""GraphQL operations with files: a multipart body read as it comes, and no more of it kept than is taken.

Source: GraphQL multipart request specification (operations, map, then the files that the map names).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import Final, cast

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Receive

from gateway.domain.claim_document import MAX_UPLOAD_BYTES
from gateway.domain.document import IncomingFile
from gateway.web.places import Headers
from gateway.web.requests import BadRequest, Disconnected, GraphQLRequest, read_json, read_operation

# All of these are assumed for the sandbox; a file that is too large is read to its end, so that it can be refused
# with a code of the contract and not by a cut line.
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
MAX_FILES: Final = 5
_MAX_TEXT_BYTES: Final = 128 * 1024
_MAX_HEADER_BYTES: Final = 4_096
_IN_MEMORY_BYTES: Final = 1024 * 1024
_TEXTS: Final = ("operations", "map")


def is_multipart(headers: Headers) -> bool:
    """Whether the body comes in parts."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == b"multipart/form-data"


@asynccontextmanager
async def read_upload(headers: Headers, receive: Receive) -> AsyncIterator[GraphQLRequest]:
    """The operation of a multipart body, its files among the variables; they are gone on leaving.

    A page elsewhere can send such a body without asking first, unless a header of ours is needed.
    Raises BadRequest 400 or 413, Disconnected. Source: the header's name is Apollo's.
    """
    if not headers.get(b"graphql-require-preflight", b"").strip():
        raise BadRequest(400, "request.preflight_missing")
    with ExitStack() as files:
        body = _Body(_boundary(headers), files)
        await _feed(body, headers, receive)
        yield body.operation()


def _boundary(headers: Headers) -> bytes:
    _, options = parse_options_header(headers.get(b"content-type", b"").decode("latin-1"))
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise BadRequest(400, "request.multipart")
    return boundary


async def _feed(body: "_Body", headers: Headers, receive: Receive) -> None:
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise BadRequest(413, "request.too_large")
    seen = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        data: bytes = message.get("body", b"")
        seen += len(data)
        if seen > MAX_BODY_BYTES:
            raise BadRequest(413, "request.too_large")
        body.write(data)
        if not message.get("more_body"):
            return


class _File:
    """One file: what is taken of it goes to memory or disk, the rest is only counted."""

    def __init__(self, file_name: str, files: ExitStack) -> None:
        self.file_name = file_name
        self.size = 0
        self.content = files.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))  # noqa: SIM115  # the stack closes it

    def write(self, data: bytes) -> None:
        room = MAX_UPLOAD_BYTES - self.size
        if room > 0:
            self.content.write(data[:room])
        self.size += len(data)

    def incoming(self) -> IncomingFile:
        return IncomingFile(self.file_name, self.size, self.content)


class _Body:
    """The parts of one body, in their order."""

    def __init__(self, boundary: bytes, files: ExitStack) -> None:
        self._files = files
        self._texts: dict[str, bytearray] = {}
        self._incoming: dict[str, _File] = {}
        self._header, self._value, self._headers = b"", b"", dict[bytes, bytes]()
        self._into: bytearray | _File | None = None
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._name,
                "on_header_value": self._content,
                "on_header_end": self._header_ended,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    def write(self, data: bytes) -> None:
        """Take in the next stretch of the body. Raises BadRequest."""
        try:
            self._parser.write(data)
        except MultipartParseError:
            raise BadRequest(400, "request.multipart") from None

    def operation(self) -> GraphQLRequest:
        """The operation with its files in place. Raises BadRequest for a body that broke off or names none."""
        if not self._ended or any(name not in self._texts for name in _TEXTS):
            raise BadRequest(400, "request.multipart")
        asked, places = read_json(bytes(self._texts["operations"])), read_json(bytes(self._texts["map"]))
        if not isinstance(asked, dict) or not isinstance(places, dict) or set(places) != set(self._incoming):
            raise BadRequest(400, "request.multipart")
        for name, paths in places.items():
            if not isinstance(paths, list) or not 1 <= len(paths) <= MAX_FILES:
                raise BadRequest(400, "request.multipart")
            for path in paths:
                _place(asked, path, self._incoming[name].incoming())
        return read_operation(asked)

    def _begin(self) -> None:
        self._headers, self._header, self._value = {}, b"", b""

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._check_header()

    def _content(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._header) + len(self._value) > _MAX_HEADER_BYTES:
            raise BadRequest(400, "request.multipart")

    def _header_ended(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _open(self) -> None:
        """A part begins: operations and map come first, each once, then the files."""
        _, options = parse_options_header(self._headers.get(b"content-disposition", b"").decode("latin-1"))
        name = _text(options.get(b"name"))
        if name in _TEXTS:
            if name in self._texts or self._incoming:
                raise BadRequest(400, "request.multipart")
            self._into = self._texts[name] = bytearray()
            return
        if not name or name in self._incoming or len(self._texts) < len(_TEXTS) or len(self._incoming) >= MAX_FILES:
            raise BadRequest(400, "request.multipart")
        self._into = self._incoming[name] = _File(_text(options.get(b"filename")), self._files)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if isinstance(self._into, _File):
            self._into.write(data[start:end])
        elif self._into is not None:
            self._into += data[start:end]
            if len(self._into) > _MAX_TEXT_BYTES:
                raise BadRequest(413, "request.too_large")

    def _end(self) -> None:
        self._ended = True


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _place(asked: dict[str, object], path: object, file: IncomingFile) -> None:
    """Put a file where the variables hold a null for it. Raises BadRequest."""
    steps = path.split(".") if isinstance(path, str) else []
    if len(steps) < 2 or len(steps) > 10 or steps[0] != "variables":
        raise BadRequest(400, "request.multipart")
    inside: object = asked
    for step in steps[:-1]:
        inside = _inner(inside, step)
    last = steps[-1]
    if isinstance(inside, dict) and last in inside and inside[last] is None:
        inside[last] = file
    elif isinstance(inside, list) and last.isdigit() and int(last) < len(inside) and inside[int(last)] is None:
        inside[int(last)] = file
    else:
        raise BadRequest(400, "request.multipart")


def _inner(inside: object, step: str) -> object:
    if isinstance(inside, Mapping):
        return cast(Mapping[str, object], inside).get(step)
    if isinstance(inside, list) and step.isascii() and step.isdigit() and int(step) < len(inside):
        return cast(object, inside[int(step)])
    return None
