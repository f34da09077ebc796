"""Checks access tokens against the provider's published keys. Who may do what with one is decided elsewhere."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.ports import AccessClaims, TokenRejected

ALGORITHMS = {"ES256": ECKey, "RS256": RSAKey}
_TYPES = frozenset({"at+jwt", "application/at+jwt"})  # source: RFC 9068 section 4
_MAX_LENGTH = 8_192  # characters. Source: assumed for the sandbox
_CACHED = 1_024  # verified tokens
_SKEW = timedelta(seconds=30)  # how far a foreign provider's clock may run ahead. Source: assumed for the sandbox
_REFETCHES = 5  # key fetches in a row for unknown key ids; one more is allowed each second


class JwksTokenVerifier:
    """Implements `ports.TokenVerifier`.

    `now` is the clock that tokens follow (the world's or the real one). `fetch_jwks` answers the key set as JSON and
    raises IdentityUnavailable; `is_live` says whether a session still stands. A verified token is remembered by its
    SHA-256 until it expires or `forget` is told that its session ended.
    """

    def __init__(
        self,
        *,
        issuer: str,
        fetch_jwks: Callable[[], Awaitable[Mapping[str, Any]]],  # Any: JSON from outside, checked key by key
        is_live: Callable[[str], Awaitable[bool]],
        now: Callable[[], datetime],
        audience: str = "peserta",
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._fetch_jwks = fetch_jwks
        self._is_live = is_live
        self._now = now
        self._keys: dict[str, ECKey | RSAKey] = {}
        self._fetching = asyncio.Lock()
        self._fetched = 0
        self._allowance = float(_REFETCHES)
        self._counted_at = time.monotonic()
        self._registry = jws.JWSRegistry(algorithms=list(ALGORITHMS))
        self._verified: OrderedDict[bytes, AccessClaims] = OrderedDict()
        self._forgotten = 0

    async def verify(self, access_token: str) -> AccessClaims:
        """What the token says. Raises TokenRejected (EXPIRED, REVOKED, INVALID), IdentityUnavailable."""
        if len(access_token) > _MAX_LENGTH or not access_token.isascii():
            raise TokenRejected("INVALID")
        digest = sha256(access_token.encode()).digest()
        claims = self._verified.get(digest)
        if claims is not None:
            self._check_expiry(claims.expires_at)
            self._verified.move_to_end(digest)
            return claims
        claims = await self._read(access_token.encode())
        forgotten = self._forgotten
        if not await self._is_live(claims.session_id):
            raise TokenRejected("REVOKED")
        # A session that ended while we asked must not come back through the memory.
        if forgotten == self._forgotten:
            self._remember(digest, claims)
        return claims

    def forget(self, session_ids: Collection[str]) -> None:
        """Drop what is remembered of these sessions, so that the next use asks again."""
        self._forgotten += 1
        ended = frozenset(session_ids)
        for digest in [digest for digest, claims in self._verified.items() if claims.session_id in ended]:
            del self._verified[digest]

    def _remember(self, digest: bytes, claims: AccessClaims) -> None:
        self._verified[digest] = claims
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)

    async def _read(self, token: bytes) -> AccessClaims:
        try:
            signed = jws.extract_compact(token, registry=self._registry)
            header = signed.headers()
            algorithm, kid = header.get("alg"), header.get("kid")
            if not isinstance(kid, str) or str(header.get("typ", "")).lower() not in _TYPES:
                raise TokenRejected("INVALID")
            key = await self._find_key(kid)
            # The key's own kind decides the algorithm, so that a header cannot choose a weaker one.
            if not isinstance(algorithm, str) or not isinstance(key, ALGORITHMS.get(algorithm, ())):
                raise TokenRejected("INVALID")
            if not jws.validate_compact(signed, key, registry=self._registry):
                raise TokenRejected("INVALID")
            claims = orjson.loads(signed.payload)
        except (JoseError, ValueError, TypeError, KeyError):
            raise TokenRejected("INVALID") from None
        return self._check_claims(claims)

    def _check_claims(self, claims: object) -> AccessClaims:
        match claims:
            case {
                "iss": self._issuer,
                "aud": audience,
                "sub": str(sub),
                "sid": str(sid),
                "exp": int(exp),
                "iat": int(iat),
            }:
                pass
            case _:
                raise TokenRejected("INVALID")
        meant_for = audience if isinstance(audience, list) else [audience]
        if self._audience not in meant_for or not sub or not sid:
            raise TokenRejected("INVALID")
        try:
            issued_at, expires_at = datetime.fromtimestamp(iat, UTC), datetime.fromtimestamp(exp, UTC)
        except (OverflowError, ValueError, OSError):
            raise TokenRejected("INVALID") from None
        if issued_at > self._now() + _SKEW:
            raise TokenRejected("INVALID")
        self._check_expiry(expires_at)
        return AccessClaims(sub, sid, expires_at)

    def _check_expiry(self, expires_at: datetime) -> None:
        if self._now() >= expires_at:  # source: RFC 7519 section 4.1.4 (on or after)
            raise TokenRejected("EXPIRED")

    async def _find_key(self, kid: str) -> ECKey | RSAKey | None:
        """The published key named `kid`. Asks the provider once when it is not known; callers share one question."""
        key = self._keys.get(kid)
        if key is not None:
            return key
        fetched = self._fetched
        async with self._fetching:
            if fetched == self._fetched and self._may_fetch():
                self._keys = _read_keys(await self._fetch_jwks())
                self._fetched += 1
        return self._keys.get(kid)

    def _may_fetch(self) -> bool:
        """Whether the provider may be asked again; keeps made-up key ids from becoming a flood of questions."""
        counted_at = time.monotonic()
        self._allowance = min(self._allowance + counted_at - self._counted_at, float(_REFETCHES))
        self._counted_at = counted_at
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True


def _read_keys(published: Mapping[str, Any]) -> dict[str, ECKey | RSAKey]:  # Any: JSON from outside
    """The usable keys by id; a key of another kind, use or shape is left out. Source: RFC 7517 section 5."""
    keys: dict[str, ECKey | RSAKey] = {}
    listed = published.get("keys")
    for jwk in listed if isinstance(listed, list) else ():
        match jwk:
            case {"kid": str(kid), "kty": "EC", "crv": "P-256"} if jwk.get("use", "sig") == "sig":
                kind: type[ECKey] | type[RSAKey] = ECKey
            case {"kid": str(kid), "kty": "RSA"} if jwk.get("use", "sig") == "sig":
                kind = RSAKey
            case _:
                continue
        try:
            keys[kid] = kind.import_key(jwk)
        except (JoseError, ValueError, TypeError):
            continue
    return keys
