"""Top-level errors: which code they carry, and what is kept from the caller. A fault is told by a number alone."""

import logging
import re
import traceback
from typing import Any, Final

from graphql import FieldNode, GraphQLError

from gateway.domain.problem import Rejected
from gateway.texts import sentence
from schema.context import Context

_log: Final = logging.getLogger("peserta.graphql")
# A library's own message may quote values; long digits and long tokens could be a NIK, a code or a secret.
_QUOTED: Final = re.compile(r"\d{4,}|[A-Za-z0-9_\-]{20,}")

FormattedError = dict[str, Any]  # Any: JSON, as the GraphQL specification shapes it


def request_error(locale: str, code: str, text: str, **params: object) -> FormattedError:
    """An error about the request as a whole, in the language `locale`."""
    return {"message": sentence(locale, text, **params), "extensions": {"code": code}}


def document_error(error: GraphQLError, code: str) -> FormattedError:
    """An error that graphql-core found in a document or its variables: its own words, and `code` if it has none."""
    formatted: FormattedError = {"message": error.message}
    if error.locations:
        formatted["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        formatted["path"] = list(error.path)
    formatted["extensions"] = {"code": _own_code(error) or code}
    return formatted


def execution_error(error: GraphQLError, context: Context) -> FormattedError:
    """An error that came up while an operation ran: ours in its own words, any other masked and logged."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, Rejected):
        return _placed(error, rejection(cause, context))
    if error.path is None or (error.nodes and not isinstance(error.nodes[0], FieldNode)):
        # Without a path it is about the variables; with one it is about an argument that a variable filled.
        return document_error(error, "BAD_USER_INPUT")
    return _placed(error, fault(cause or error, context))


def rejection(rejected: Rejected, context: Context) -> FormattedError:
    """What is told of a broken request or a missing right."""
    message = sentence(context.locale, rejected.text, **rejected.params)
    extensions = {**rejected.extensions, "code": rejected.code}
    if rejected.code == "UNAVAILABLE":
        extensions["traceId"] = _record(rejected.__cause__ or rejected, context)
    return {"message": message, "extensions": extensions}


def fault(error: BaseException, context: Context) -> FormattedError:
    """What is told of a mistake of ours: a number to ask for; the rest is in the log."""
    trace_id = _record(error, context)
    message = sentence(context.locale, "request.internal", trace_id=trace_id)
    return {"message": message, "extensions": {"code": "INTERNAL", "traceId": trace_id}}


def _own_code(error: GraphQLError) -> str | None:
    found: BaseException | None = error
    while isinstance(found, GraphQLError):
        code = (found.extensions or {}).get("code")
        if code is not None:
            return str(code)
        found = found.original_error
    return None


def _placed(error: GraphQLError, formatted: FormattedError) -> FormattedError:
    locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": formatted["message"], "locations": locations, "path": error.path, **formatted}


def _record(error: BaseException, context: Context) -> str:
    trace_id = context.world.ids.token()
    _log.error("trace %s in world %s\n%s", trace_id, context.world.id, describe(error))
    return trace_id


def describe(error: BaseException) -> str:
    """The stack of `error` and its causes for a log: where and what kind, without values that its text may quote."""
    parts = []
    for link in traceback.TracebackException.from_exception(error).format(chain=True):
        kept = link if link.lstrip().startswith("File ") else _QUOTED.sub("…", link)
        parts.append(kept)
    return "".join(parts).rstrip()
