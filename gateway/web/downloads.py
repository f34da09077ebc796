"""Files behind signed addresses: no session and no header is needed, and no page can make anything run in them."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from gateway.domain.card import CardFile
from gateway.domain.problem import Rejected
from gateway.services import card
from gateway.web.places import Place
from gateway.web.replies import send_reply
from gateway.world import World
from schema.context import Context

Load = Callable[..., Awaitable[CardFile]]

_MAX_QUERY: Final = 4_096
_LOADERS: Final[dict[str, Load]] = {"/kartu": card.load_file}
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
        file = await load(world, token=_token(scope["query_string"]), caller=context.caller)
        disposition = f'inline; filename="{file.file_name}"'.encode("ascii")
        body = b"" if scope["method"] == "HEAD" else file.content
        extra = [*_HEADERS, (b"content-disposition", disposition)]
        await send_reply(send, 200, body, file.content_type.encode("ascii"), extra)


def _token(query: bytes) -> str:
    if len(query) > _MAX_QUERY:
        raise Rejected("NOT_FOUND", "request.download_ended")
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]
