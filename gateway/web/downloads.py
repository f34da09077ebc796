"""Files behind signed addresses: no session and no header is needed, and no page can make anything run in them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.types import Receive, Scope, Send

from gateway.domain.account import Caller
from gateway.domain.problem import Rejected
from gateway.services import card, document
from gateway.web.places import Place
from gateway.world import World
from schema.context import Context


@dataclass(frozen=True, slots=True)
class _File:
    """What goes out; `size` in bytes over all parts."""

    file_name: str
    content_type: str
    size: int
    parts: AsyncIterator[bytes]


async def _load_card(world: World, token: str, caller: Caller) -> _File:
    file = await card.load_file(world, token=token, caller=caller)
    return _File(file.file_name, file.content_type, len(file.content), _whole(file.content))


async def _load_document(world: World, token: str, _: Caller) -> _File:
    known = await document.open_signed(world, token=token)
    parts = document.read_parts(world, document_id=known.id)
    return _File(known.file_name, known.content_type, known.size, parts)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


Load = Callable[[World, str, Caller], Awaitable[_File]]

_MAX_QUERY: Final = 4_096
_LOADERS: Final[dict[str, Load]] = {"/kartu": _load_card, "/dokumen": _load_document}
_HEADERS: Final = (
    (b"content-security-policy", b"sandbox; default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    # A front end on another port or name shows these in its own pages; the address itself is the key.
    (b"cross-origin-resource-policy", b"cross-origin"),
)


class Downloads:
    """Answers GET and HEAD below its mount; whatever is wrong with an address, the answer is the same."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # no body is read
        """Send the file. Raises Rejected NOT_FOUND."""
        place: Place = scope["state"]["place"]
        world: World = scope["state"]["world"]
        context: Context = scope["state"]["context"]
        load = _LOADERS.get("/" + place.path.strip("/").partition("/")[2])
        if scope["type"] != "http" or load is None or scope["method"] not in ("GET", "HEAD"):
            raise Rejected("NOT_FOUND", "request.not_found")
        file = await load(world, _token(scope["query_string"]), context.caller)
        await send({"type": "http.response.start", "status": 200, "headers": _head(file)})
        if scope["method"] == "GET":
            async for part in file.parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _head(file: _File) -> list[tuple[bytes, bytes]]:
    """The header fields of a file. A name that is not plain goes as RFC 6266 section 4.3 has it."""
    plain = file.file_name.encode("ascii", "replace").decode("ascii").replace("\\", "_").replace('"', "_")
    named = f'inline; filename="{plain}"'
    if plain != file.file_name:
        named += f"; filename*=UTF-8''{quote(file.file_name)}"
    return [
        (b"content-type", file.content_type.encode("ascii")),
        (b"content-length", b"%d" % file.size),
        (b"content-disposition", named.encode("ascii")),
        *_HEADERS,
    ]


def _token(query: bytes) -> str:
    if len(query) > _MAX_QUERY:
        raise Rejected("NOT_FOUND", "request.download_ended")
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]
