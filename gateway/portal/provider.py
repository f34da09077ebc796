"""The portal as a client of the world's OpenID provider: authorization code with PKCE, no secret."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

# Any: JSON of a provider that may be a foreign one; every value is checked where it is used.
Reply: TypeAlias = Mapping[str, Any]
# Gets an address, or posts a form to it, and answers the JSON that came back with its status.
TokenRequest: TypeAlias = Callable[[str, Mapping[str, str] | None], Awaitable[tuple[int, Reply]]]
# The same for whatever comes back; raises OSError or ValueError where nothing does.
Ask: TypeAlias = Callable[[str, Mapping[str, str] | None], Awaitable[tuple[int, Any]]]

CLIENT_ID: Final = "portal"
SCOPES: Final = "openid profile email member"
_TIMEOUT_S: Final = 5.0
_OK: Final = 200


class ProviderFailed(Exception):
    """The provider does not answer, or what it answers cannot be trusted; `reason` names the sentence that says so."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider's endpoints. Source: OpenID Connect Discovery 1.0 section 3."""

    issuer: str
    authorization: str
    token: str
    end_session: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way, kept in the browser until it comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What the code was exchanged for. Never logged."""

    access_token: str
    id_token: str


def make_token_request(ask: Ask) -> TokenRequest:
    """Requests by `ask`; 5 s of real time at most. Raises ProviderFailed unreachable."""

    async def request(url: str, form: Mapping[str, str] | None) -> tuple[int, Reply]:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                status, body = await ask(url, form)
        except (OSError, ValueError) as failure:
            raise ProviderFailed("unreachable") from failure
        if not isinstance(body, dict):
            raise ProviderFailed("unreachable")
        return status, body

    return request


async def discover(issuer: str, request: TokenRequest) -> Provider:
    """The endpoints that the provider at `issuer` publishes. Raises ProviderFailed."""
    status, document = await request(f"{issuer}/.well-known/openid-configuration", None)
    authorization, token = document.get("authorization_endpoint"), document.get("token_endpoint")
    if status != _OK or not isinstance(authorization, str) or not isinstance(token, str):
        raise ProviderFailed("unreachable")
    # Source: Discovery 1.0 section 4.3: another issuer must not speak for this one.
    if document.get("issuer") != issuer:
        raise ProviderFailed("other_issuer")
    end_session = document.get("end_session_endpoint")
    return Provider(issuer, authorization, token, end_session if isinstance(end_session, str) else None)


def authorization_url(provider: Provider, attempt: Attempt, redirect_uri: str, locale: str) -> str:
    """Where the browser is sent to sign in. Source: RFC 6749 section 4.1.1, RFC 7636 section 4.3."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "ui_locales": locale,
    }
    return f"{provider.authorization}{'&' if '?' in provider.authorization else '?'}{urlencode(query)}"


async def exchange(
    provider: Provider, attempt: Attempt, code: str, redirect_uri: str, request: TokenRequest
) -> Granted:
    """Exchange the code for tokens. Raises ProviderFailed."""
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": attempt.verifier,
    }
    status, reply = await request(provider.token, form)
    access_token, id_token = reply.get("access_token"), reply.get("id_token")
    if status != _OK or not isinstance(access_token, str) or not isinstance(id_token, str):
        raise ProviderFailed("refused", str(reply.get("error", ""))[:100])
    _check_id_token(id_token, provider, attempt)
    return Granted(access_token, id_token)


def _check_id_token(token: str, provider: Provider, attempt: Attempt) -> None:
    """Who it is from, for whom, and for which attempt.

    Its signature is not checked: it came straight from the token endpoint. Its life is not either: it opens nothing
    here, and a provider may count real time while the world's clock is moved.
    Source: OpenID Connect Core 1.0 section 3.1.3.7, points 2, 3, 6 and 11.
    """
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        right = claims["iss"] == provider.issuer and CLIENT_ID in audience and claims.get("nonce") == attempt.nonce
    except (IndexError, KeyError, TypeError, ValueError) as failure:
        raise ProviderFailed("bad_token") from failure
    if not right:
        raise ProviderFailed("bad_token")
