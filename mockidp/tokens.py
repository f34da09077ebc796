"""Making and reading tokens: signed ones for others, opaque ones of which only the hash is kept."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from mockidp.host import JSON, Realm
from mockidp.realms import RealmState

# Source: assumed for the sandbox, as the member contract says.
ACCESS_TOKEN_LIFE = timedelta(minutes=15)
REFRESH_TOKEN_LIFE = timedelta(days=30)
AUDIENCE = "peserta"
ACCESS_TYPE = "at+jwt"
ID_TYPE = "JWT"
MAX_TOKEN_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Grant:
    """What tokens are made from: whose sign-in, for which client, with which scope."""

    subject: str
    session_id: str
    client_id: str
    scope: str
    signed_in_at: datetime


def make_opaque() -> str:
    """Make an opaque token of 256 random bits. Source: RFC 6749 section 10.10."""
    return secrets.token_urlsafe(32)


def make_id() -> str:
    """Make an identifier of 128 random bits."""
    return secrets.token_urlsafe(16)


def hash_of(purpose: str, secret: str) -> str:
    """Hash a high-entropy secret for look-up; `purpose` keeps one kind from passing as another."""
    return hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()


def sign(key: ECKey, kid: str, kind: str, claims: Mapping[str, JSON]) -> str:
    """Sign claims with ES256 as a compact JWT of type `kind`."""
    return jwt.encode({"alg": "ES256", "kid": kid, "typ": kind}, dict(claims), key, algorithms=["ES256"])


def access_token(realm: Realm, state: RealmState, grant: Grant, at: datetime) -> str:
    """Make the access token of a grant, good for 15 minutes from `at`.

    Source: RFC 9068 sections 2.1 and 2.2.
    """
    issued = int(at.timestamp())
    claims: dict[str, JSON] = {
        "iss": realm.issuer,
        "sub": grant.subject,
        "aud": AUDIENCE,
        "client_id": grant.client_id,
        "sid": grant.session_id,
        "scope": grant.scope,
        "iat": issued,
        "exp": issued + int(ACCESS_TOKEN_LIFE.total_seconds()),
        "jti": make_id(),
    }
    return sign(state.signing_key, state.kid, ACCESS_TYPE, claims)


def id_token(realm: Realm, state: RealmState, grant: Grant, at: datetime, nonce: str | None) -> str:
    """Make the ID token of a grant; `nonce` comes back as the client sent it.

    Source: OpenID Connect Core section 2; life of 15 minutes assumed for the sandbox.
    """
    issued = int(at.timestamp())
    claims: dict[str, JSON] = {
        "iss": realm.issuer,
        "sub": grant.subject,
        "aud": grant.client_id,
        "sid": grant.session_id,
        "auth_time": int(grant.signed_in_at.timestamp()),
        "iat": issued,
        "exp": issued + int(ACCESS_TOKEN_LIFE.total_seconds()),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return sign(state.signing_key, state.kid, ID_TYPE, claims)


def read_signed(token: str, key: ECKey, kind: str) -> Mapping[str, JSON] | None:
    """Return the claims of an ES256 token of type `kind` signed by `key`, or None. Time is not looked at.

    Source: RFC 8725 sections 3.1 (only the expected algorithm) and 3.11 (explicit types).
    """
    if len(token) > MAX_TOKEN_CHARS:
        return None
    try:
        read = jwt.decode(token, key, algorithms=["ES256"])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # A hostile header reaches the library's own parsing, which does not wrap every failure of it.
        return None
    return read.claims if read.header.get("typ") == kind else None


def read_access_token(realm: Realm, state: RealmState, token: str) -> Mapping[str, JSON] | None:
    """Return the claims of an access token of this realm that has not expired, or None.

    Source: RFC 9068 section 4.
    """
    claims = read_signed(token, state.signing_key, ACCESS_TYPE)
    if claims is None or claims.get("iss") != realm.issuer or claims.get("aud") != AUDIENCE:
        return None
    expires = claims.get("exp")
    return claims if isinstance(expires, int) and realm.now().timestamp() < expires else None
