"""One HTTP request as every endpoint sees it: the realm it addresses, that realm's state, and the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response

from mockidp.host import JSON, Locale, Realm
from mockidp.oauth import OauthError, Parameters
from mockidp.pages import Pages
from mockidp.realms import RealmState

DEFAULT_LOCALE: Locale = "id"


@dataclass(frozen=True, slots=True)
class Call:
    """A request to one realm."""

    realm: Realm
    state: RealmState
    request: Request
    pages: Pages

    @property
    def query(self) -> Parameters:
        """The parameters of the address. Raises OauthError invalid_request."""
        raw: bytes = self.request.scope["query_string"]
        return Parameters.parse(raw)

    @property
    def path(self) -> str:
        """The path of the issuer, "" at the root: forms and cookies stay below it."""
        return urlsplit(self.realm.issuer).path

    @property
    def ip_address(self) -> str | None:
        """The caller's address, where the server knows it."""
        return self.request.client.host if self.request.client else None

    @property
    def user_agent(self) -> str | None:
        """The caller's user agent, as sent."""
        return self.request.headers.get("user-agent")

    def locale(self, ui_locales: str | None) -> Locale:
        """Choose the person's language: `ui_locales`, then Accept-Language, then Bahasa Indonesia.

        Source: OpenID Connect Core 3.1.2.1 (ui_locales, in order of preference).
        """
        accepted = self.request.headers.get("accept-language", "")
        for tag in [*(ui_locales or "").split(" "), *accepted.split(",")]:
            language = tag.strip().lower()[:2]
            if language == "id":
                return "id"
            if language == "en":
                return "en"
        return DEFAULT_LOCALE


def json_answer(
    content: Mapping[str, JSON] | bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON that no cache may keep. Source: RFC 6749 section 5.1 (no-store)."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    base = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, status, {**base, **(headers or {})}, "application/json")


def error_answer(error: OauthError) -> Response:
    """Answer a refused request as RFC 6749 section 5.2 prescribes."""
    headers = {"WWW-Authenticate": error.challenge} if error.challenge else {}
    content = {"error": error.error, "error_description": error.description}
    return json_answer(content, status=error.status, headers=headers)
