"""Access tokens: everything that makes one unusable, and what is remembered of a good one."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.adapters.sessions_foreign import ForeignSessions
from gateway.adapters.tokens import JwksTokenVerifier
from gateway.ports import AccessClaims, IdentityUnavailable, TokenRejected
from tests.fakes import NOON, FixedClock

ISSUER = "http://127.0.0.1:8400/idp"
START = int(NOON.timestamp())
CLAIMS = {
    "iss": ISSUER,
    "aud": "peserta",
    "sub": "s-1",
    "sid": "sess-1",
    "client_id": "gateway",
    "iat": START,
    "exp": START + 900,
}


class Provider:
    """Keys, live sessions and a count of questions."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
        self.published: list[Any] = [self.key.as_dict(private=False)]
        self.ended: set[str] = set()
        self.fetches = 0
        self.asked = 0
        self.down = False
        self.answer_now = asyncio.Event()
        self.answer_now.set()
        self.was_asked = asyncio.Event()
        self.verifier = JwksTokenVerifier(issuer=ISSUER, fetch_jwks=self.jwks, is_live=self.is_live, now=self.clock.now)

    async def jwks(self) -> Mapping[str, Any]:
        self.fetches += 1
        await asyncio.sleep(0)
        if self.down:
            raise IdentityUnavailable("down")
        return {"keys": self.published}

    async def is_live(self, session_id: str) -> bool:
        self.asked += 1
        self.was_asked.set()
        await self.answer_now.wait()
        return session_id not in self.ended

    def token(self, key: Any = None, header: Mapping[str, Any] = {}, **claims: Any) -> str:
        merged = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
        full = {"alg": "ES256", "kid": "k1", "typ": "at+jwt", **header}
        full = {name: value for name, value in full.items() if value is not None}
        allowed = ["ES256", "RS256", "HS256"]
        return jwt.encode(full, merged, key or self.key, algorithms=allowed, default_type=None)

    async def reason(self, token: str) -> str:
        with pytest.raises(TokenRejected) as caught:
            await self.verifier.verify(token)
        assert token[:20] not in str(caught.value) or not token
        return caught.value.reason


@pytest.fixture
def provider() -> Provider:
    return Provider()


async def test_good_token_says_who_and_until_when(provider: Provider) -> None:
    claims = await provider.verifier.verify(provider.token())

    assert claims == AccessClaims("s-1", "sess-1", NOON + timedelta(seconds=900))


async def test_audience_may_be_one_of_several(provider: Provider) -> None:
    assert (await provider.verifier.verify(provider.token(aud=["other", "peserta"]))).subject == "s-1"


async def test_rs256_is_taken_from_an_rsa_key(provider: Provider) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"})
    provider.published.append(rsa.as_dict(private=False))

    token = provider.token(rsa, {"alg": "RS256", "kid": "r1"})

    assert (await provider.verifier.verify(token)).session_id == "sess-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://127.0.0.1:8400/w/b/idp"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": None},
        {"aud": {"peserta": 1}},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sid": None},
        {"sid": ""},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**30},
        {"iat": None},
        {"iat": START + 31},
    ],
    ids=str,
)
async def test_wrong_claim_is_invalid(provider: Provider, changed: dict[str, Any]) -> None:
    assert await provider.reason(provider.token(**changed)) == "INVALID"
    assert provider.asked == 0


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"crit": ["x"]}, {"typ": "at+jwt", "kid": "k2"}],
    ids=str,
)
async def test_wrong_header_is_invalid(provider: Provider, header: dict[str, Any]) -> None:
    good = provider.token()
    try:
        token = provider.token(header=header)
    except Exception:  # joserfc does not write an unknown `crit`; a made-up head does
        token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiYXQrand0IiwiY3JpdCI6WyJ4Il19" + good[good.index(".") :]

    assert await provider.reason(token) == "INVALID"


async def test_unsigned_token_is_invalid(provider: Provider) -> None:
    head, body, _ = provider.token().split(".")
    none = "eyJhbGciOiJub25lIiwia2lkIjoiazEiLCJ0eXAiOiJhdCtqd3QifQ"

    assert await provider.reason(f"{none}.{body}.") == "INVALID"
    assert await provider.reason(f"{head}.{body}.") == "INVALID"


async def test_public_key_used_as_a_shared_secret_is_invalid(provider: Provider) -> None:
    secret = OctKey.import_key(b64encode(provider.key.as_pem(private=False)))
    token = provider.token(secret, {"alg": "HS256"})

    assert await provider.reason(token) == "INVALID"


async def test_key_of_another_provider_is_invalid(provider: Provider) -> None:
    forged = Provider().token()

    assert await provider.reason(forged) == "INVALID"


async def test_algorithm_that_does_not_fit_the_key_is_invalid(provider: Provider) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "k1"})

    assert await provider.reason(provider.token(rsa, {"alg": "RS256"})) == "INVALID"


async def test_changed_content_is_invalid(provider: Provider) -> None:
    head, _, signature = provider.token().split(".")
    other = provider.token(sub="s-2").split(".")[1]

    assert await provider.reason(f"{head}.{other}.{signature}") == "INVALID"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.b.c", "\ud800", "A" * 8_193, "." * 8_000, "e30.e30.e30"])
async def test_junk_is_invalid_and_asks_nobody(provider: Provider, token: str) -> None:
    assert await provider.reason(token) == "INVALID"
    assert (provider.fetches, provider.asked) == (0, 0)


async def test_content_that_is_no_object_is_invalid(provider: Provider) -> None:
    header = {"alg": "ES256", "kid": "k1", "typ": "at+jwt"}
    for content in (b"[1]", b"null", b"{", b"\xff"):
        assert await provider.reason(jws.serialize_compact(header, content, provider.key)) == "INVALID"


async def test_token_expires_on_its_second_also_when_remembered(provider: Provider) -> None:
    token = provider.token()
    provider.clock.advance(timedelta(seconds=899, microseconds=999_999))
    await provider.verifier.verify(token)

    provider.clock.advance(timedelta(microseconds=1))

    assert await provider.reason(token) == "EXPIRED"
    assert await provider.reason(provider.token(jti="new")) == "EXPIRED"


async def test_ended_session_is_revoked(provider: Provider) -> None:
    provider.ended.add("sess-1")

    assert await provider.reason(provider.token()) == "REVOKED"


async def test_remembered_token_asks_nobody_again(provider: Provider) -> None:
    token = provider.token()

    for _ in range(5):
        await provider.verifier.verify(token)

    assert (provider.fetches, provider.asked) == (1, 1)


async def test_forgotten_session_is_revoked_at_once_and_others_stay(provider: Provider) -> None:
    token, other = provider.token(), provider.token(sid="sess-2")
    await provider.verifier.verify(token)
    await provider.verifier.verify(other)

    provider.ended.add("sess-1")
    provider.verifier.forget(["sess-1"])

    assert await provider.reason(token) == "REVOKED"
    assert (await provider.verifier.verify(other)).session_id == "sess-2"


async def test_session_that_ends_while_its_token_is_checked_is_not_remembered(provider: Provider) -> None:
    token = provider.token()
    provider.answer_now.clear()
    checking = asyncio.create_task(provider.verifier.verify(token))
    await provider.was_asked.wait()

    provider.verifier.forget(["sess-1"])
    provider.answer_now.set()
    await checking
    provider.ended.add("sess-1")

    assert await provider.reason(token) == "REVOKED"


async def test_new_key_is_fetched_once_when_a_token_names_it(provider: Provider) -> None:
    await provider.verifier.verify(provider.token())
    new = ECKey.generate_key("P-256", {"kid": "k2", "use": "sig"})
    provider.published.append(new.as_dict(private=False))

    tokens = [provider.token(new, {"kid": "k2"}, jti=str(number)) for number in range(16)]
    await asyncio.gather(*(provider.verifier.verify(token) for token in tokens))

    assert provider.fetches == 2


async def test_made_up_key_ids_do_not_flood_the_provider(provider: Provider) -> None:
    for number in range(50):
        assert await provider.reason(provider.token(header={"kid": f"none-{number}"})) == "INVALID"

    assert provider.fetches <= 6
    assert (await provider.verifier.verify(provider.token())).subject == "s-1"


async def test_unusable_published_keys_are_passed_over(provider: Provider) -> None:
    encrypting = ECKey.generate_key("P-256", {"kid": "enc"})
    provider.published[:0] = [7, {}, {"kid": "x", "kty": "EC", "crv": "P-256"}, {"kid": "y", "kty": "oct", "k": "AA"}]
    provider.published.append({**encrypting.as_dict(private=False), "use": "enc"})

    assert (await provider.verifier.verify(provider.token())).subject == "s-1"
    assert await provider.reason(provider.token(encrypting, {"kid": "enc"})) == "INVALID"


async def test_provider_that_is_down_is_unavailable_not_invalid(provider: Provider) -> None:
    provider.down = True
    with pytest.raises(IdentityUnavailable):
        await provider.verifier.verify(provider.token())

    provider.down = False
    assert (await provider.verifier.verify(provider.token())).subject == "s-1"


async def test_memory_is_bounded(provider: Provider) -> None:
    first = provider.token()
    await provider.verifier.verify(first)
    for number in range(1_024):
        await provider.verifier.verify(provider.token(jti=str(number)))
    asked = provider.asked

    await provider.verifier.verify(first)

    assert provider.asked == asked + 1


async def test_foreign_provider_takes_no_sign_in_and_counts_every_session_live() -> None:
    sessions = ForeignSessions()

    for call in (
        sessions.issue("s", user_agent=None, ip_address=None),
        sessions.refresh("r"),
        sessions.list("s"),
        sessions.revoke("s"),
    ):
        with pytest.raises(IdentityUnavailable):
            await call
    assert await sessions.is_live("anything")
