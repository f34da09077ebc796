"""What a GraphQL request says, read and type-checked before anything runs. Source: GraphQL over HTTP, draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from gateway.web.places import Headers

MAX_BODY_BYTES: Final = 1_048_576
MAX_BATCH: Final = 10
_MAX_QUERY_BYTES: Final = 65_536


class BadRequest(Exception):
    """A request that is none: its HTTP status and the sentence that says why."""

    def __init__(self, status: int, text: str, code: str = "BAD_USER_INPUT", **params: object) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.code = code
        self.params: Mapping[str, object] = params


class Disconnected(Exception):
    """The caller left before the body was whole."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation as it was asked for."""

    query: str
    variables: Mapping[str, object] | None
    operation_name: str | None


Asked: TypeAlias = GraphQLRequest | list[GraphQLRequest]


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """The whole body, at most 1 MiB. Raises BadRequest 413, Disconnected."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise BadRequest(413, "request.too_large")
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BadRequest(413, "request.too_large")
        return body
    whole = bytearray()
    while True:
        if message["type"] != "http.request":
            raise Disconnected
        whole += message.get("body", b"")
        if len(whole) > MAX_BODY_BYTES:
            raise BadRequest(413, "request.too_large")
        if not message.get("more_body"):
            return bytes(whole)
        message = await receive()


def read_posted(headers: Headers, body: bytes) -> Asked:
    """The operation, or the batch of them, that a POST carries. Raises BadRequest 400 or 415."""
    media, _, parameters = headers.get(b"content-type", b"").partition(b";")
    if media.strip().lower() != b"application/json" or not _is_utf8(parameters):
        raise BadRequest(415, "request.bad_media_type")
    parsed = read_json(body)
    if not isinstance(parsed, list):
        return read_operation(parsed)
    if not parsed:
        raise BadRequest(400, "request.empty_batch")
    if len(parsed) > MAX_BATCH:
        raise BadRequest(400, "request.batch_too_large", max=MAX_BATCH)
    return [read_operation(item) for item in parsed]


def read_queried(query_string: bytes) -> GraphQLRequest:
    """The operation that a GET carries in its address. Raises BadRequest 400 or 413."""
    if len(query_string) > _MAX_QUERY_BYTES:
        raise BadRequest(413, "request.too_large")
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    given: dict[str, object] = dict(pairs)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = read_json(str(given[name]).encode())
        else:
            given.pop(name, None)
    if not given.get("operationName"):
        given.pop("operationName", None)
    return read_operation(given)


def _is_utf8(parameters: bytes) -> bool:
    for parameter in parameters.lower().split(b";"):
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"charset" and value.strip().strip(b'"') not in (b"utf-8", b"utf8"):
            return False
    return True


def read_json(raw: bytes) -> object:
    """The value of a JSON text. Raises BadRequest 400."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadRequest(400, "request.bad_json") from None


def read_operation(given: object) -> GraphQLRequest:
    """The operation that a JSON object describes. Raises BadRequest 400."""
    if not isinstance(given, dict):
        raise BadRequest(400, "request.bad_json")
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if query is None:
        raise BadRequest(400, "request.no_query")
    if not isinstance(query, str):
        raise BadRequest(400, "request.bad_parameter", name="query")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "request.bad_parameter", name="variables")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "request.bad_parameter", name="operationName")
    extensions = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "request.bad_parameter", name="extensions")
    if not query.strip():
        raise BadRequest(400, "request.no_query")
    return GraphQLRequest(query, variables, name)
