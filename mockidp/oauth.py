"""The vocabulary of OAuth requests: parameters as they were sent, and the errors that the RFCs prescribe."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

# A whole authorization request stays under the 8 KiB that common servers accept for a request line.
MAX_QUERY_CHARS = 8192
MAX_BODY_BYTES = 16 * 1024
MAX_PARAMETERS = 64

RefusalReason = Literal["INVALID", "EXPIRED", "REVOKED"]


class OauthError(Exception):
    """An error answer of a JSON endpoint; `description` is ASCII and says nothing secret.

    Source: RFC 6749 section 5.2, RFC 6750 section 3.1 for `challenge` (the WWW-Authenticate value).
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        reason: RefusalReason = "INVALID",
        challenge: str | None = None,
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status
        self.reason = reason
        self.challenge = challenge


@dataclass(frozen=True, slots=True)
class Parameters:
    """Request parameters in the order in which they were sent."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read `application/x-www-form-urlencoded` text.

        Raises OauthError invalid_request when it is not UTF-8, holds NUL (which PostgreSQL cannot store) or
        more than 64 parameters.
        """
        try:
            pairs = parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="strict"
            )
        except ValueError as failure:
            raise OauthError("invalid_request", "the parameters are not readable UTF-8 pairs") from failure
        if any("\0" in key or "\0" in value for key, value in pairs):
            raise OauthError("invalid_request", "a parameter holds a NUL character")
        return cls(tuple(pairs))

    def get(self, name: str) -> str | None:
        """Return the value of `name`; one sent without a value counts as absent.

        Source: RFC 6749 section 3.1.
        """
        return next((value for key, value in self.pairs if key == name and value), None)

    def need(self, name: str) -> str:
        """Return the value of `name`. Raises OauthError invalid_request when it is absent."""
        value = self.get(name)
        if value is None:
            raise OauthError("invalid_request", f"the parameter {name} is missing")
        return value

    def repeated(self) -> str | None:
        """Return the first parameter name that was sent twice, or None. Source: RFC 6749 section 3.1."""
        seen: set[str] = set()
        for key, _ in self.pairs:
            if key in seen:
                return key
            seen.add(key)
        return None

    def encoded(self, *, replacing: Mapping[str, str] | None = None) -> str:
        """Write the parameters as a query, some of them replaced or added."""
        changed = replacing or {}
        kept = [(key, value) for key, value in self.pairs if key not in changed]
        return urlencode([*kept, *changed.items()])


async def read_body(request: Request) -> Parameters:
    """Read a form body of at most 16 KiB, without multipart.

    Raises OauthError invalid_request: 400 for another content type, 413 for a body that is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise OauthError("invalid_request", "the body must be application/x-www-form-urlencoded")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise OauthError("invalid_request", "the body is larger than 16 KiB", status=413)
    return Parameters.parse(bytes(body))


def refuse_repeats(parameters: Parameters) -> None:
    """Raise OauthError invalid_request when any parameter was sent twice. Source: RFC 6749 section 3.2."""
    if parameters.repeated() is not None:
        raise OauthError("invalid_request", "a parameter was sent more than once")


def scopes_of(text: str | None, known: Iterable[str]) -> str:
    """Keep the scopes that are known, each once, in the order asked for.

    Source: OpenID Connect Core 3.1.2.1: scope values that are not understood are ignored.
    """
    allowed = frozenset(known)
    return " ".join(dict.fromkeys(scope for scope in (text or "").split(" ") if scope in allowed))
