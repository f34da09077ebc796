"""Signing in by the provider's code flow, and out again; every doubtful answer is refused."""

import base64
import hashlib
import json

import pytest

from schema.execution import Answer
from tests.portal.staging import Browser, Stage, build, query_of

ISSUER = "http://127.0.0.1:8400/idp"


def token_for(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


async def leave(stage: Stage) -> dict[str, str]:
    """Go to the provider; what the portal asked of it."""
    browser = await stage.browser.open("/masuk")
    assert browser.at.startswith(f"{ISSUER}/authorize?")
    return query_of(browser.at)


async def arrive(stage: Stage, asked: dict[str, str], **changes: str) -> Browser:
    """Come back with a code; the provider's token answer fits unless the test has put another one there."""
    id_token = token_for(iss=ISSUER, aud="portal", nonce=asked["nonce"])
    if stage.provider.reply[0] != 200:
        stage.provider.reply = (200, {"access_token": "akses", "id_token": id_token})
    back = {"code": "kode-1", "state": asked["state"], "iss": ISSUER, **changes}
    return await stage.browser.open(f"/auth/callback?{'&'.join(f'{name}={value}' for name, value in back.items())}")


def nothing_kept(browser: Browser) -> bool:
    return "peserta_access_main" not in browser.client.cookies


async def test_sign_in_begins_with_a_code_request_and_pkce(stage):
    asked = await leave(stage)

    assert asked["response_type"] == "code"
    assert asked["client_id"] == "portal"
    assert asked["redirect_uri"] == "http://127.0.0.1:8400/auth/callback"
    assert asked["scope"] == "openid profile email member"
    assert asked["code_challenge_method"] == "S256"
    assert asked["ui_locales"] == "id"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


async def test_code_is_exchanged_with_the_verifier_of_its_challenge(stage):
    asked = await leave(stage)

    browser = await arrive(stage, asked)

    url, form = stage.provider.posted[0]
    assert url == f"{ISSUER}/token"
    assert form["grant_type"] == "authorization_code"
    assert form["code"] == "kode-1"
    assert form["redirect_uri"] == asked["redirect_uri"]
    assert 43 <= len(form["code_verifier"]) <= 128
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    assert browser.at == "/saldo"
    assert browser.client.cookies["peserta_access_main"] == "akses"
    assert "peserta_oidc_main" not in browser.client.cookies


async def test_every_attempt_has_its_own_state_nonce_and_verifier(stage):
    first, second = await leave(stage), await leave(stage)

    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "lain"}, "bukan untuk percobaan masuk di peramban ini"),
        ({"state": ""}, "bukan untuk percobaan masuk di peramban ini"),
        ({"iss": "http://evil.test"}, "penyedia identitas lain"),
        ({"code": ""}, "menolak permintaan masuk"),
        ({"error": "access_denied"}, "menolak permintaan masuk"),
    ],
)
async def test_answer_that_is_not_ours_is_refused_and_no_code_is_sent(stage, changes, says):
    asked = await leave(stage)

    browser = await arrive(stage, asked, **changes)

    assert browser.response.status_code == 400
    assert says in browser.page
    assert stage.provider.posted == []
    assert nothing_kept(browser)


async def test_error_of_the_provider_is_shown_as_text(stage):
    asked = await leave(stage)

    browser = await arrive(stage, asked, error="%3Cscript%3Ealert(1)%3C/script%3E")

    assert "<script" not in browser.page
    assert browser.text_of("detail").startswith("<script>")


@pytest.mark.parametrize(
    "reply",
    [
        (400, {"error": "invalid_grant"}),
        (200, {"access_token": "akses"}),
        (200, {"id_token": "x"}),
        (200, {"access_token": "akses", "id_token": 5}),
        (500, {}),
    ],
)
async def test_refused_code_signs_nobody_in(stage, reply):
    asked = await leave(stage)
    browser = stage.browser
    stage.provider.reply = reply

    await browser.open(f"/auth/callback?code=x&state={asked['state']}")

    assert browser.response.status_code == 400
    assert browser.shows("sign-in-failed")
    assert nothing_kept(browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://evil.test", "aud": "portal"},
        {"iss": ISSUER, "aud": "lain"},
        {"iss": ISSUER, "aud": ["lain"]},
        {"iss": ISSUER, "aud": "portal", "nonce": "lama"},
        {"aud": "portal"},
    ],
)
async def test_id_token_that_does_not_fit_signs_nobody_in(stage, claims):
    asked = await leave(stage)
    fitting = {"nonce": asked["nonce"], **claims}
    stage.provider.reply = (200, {"access_token": "akses", "id_token": token_for(**fitting)})

    browser = await arrive(stage, asked)

    assert browser.response.status_code == 400
    assert "tidak dapat dipercaya" in browser.page
    assert nothing_kept(browser)


@pytest.mark.parametrize("token", ["x", "a.b", "a.!!!.c", "..", "a.W10.c"])
async def test_id_token_that_cannot_be_read_signs_nobody_in(stage, token):
    asked = await leave(stage)
    stage.provider.reply = (200, {"access_token": "akses", "id_token": token})

    browser = await arrive(stage, asked)

    assert browser.response.status_code == 400
    assert nothing_kept(browser)


async def test_callback_without_an_attempt_offers_to_begin_again(stage):
    browser = await stage.browser.open("/auth/callback?code=x&state=y")

    assert browser.response.status_code == 400
    assert browser.shows("sign-in")
    assert stage.provider.posted == []


async def test_reloaded_callback_goes_on_to_the_balance(stage):
    asked = await leave(stage)
    await arrive(stage, asked)

    browser = await arrive(stage, asked)

    assert browser.at == "/saldo"
    assert len(stage.provider.posted) == 1


async def test_silent_provider_is_told_plainly(stage):
    stage.provider.reachable = False

    browser = await stage.browser.open("/masuk")

    assert browser.response.status_code == 502
    assert "tidak menjawab" in browser.page


async def test_discovery_of_another_issuer_is_refused(stage):
    stage.provider.discovery = {
        "issuer": "http://evil.test",
        "authorization_endpoint": "http://evil.test/a",
        "token_endpoint": "http://evil.test/t",
    }

    browser = await stage.browser.open("/masuk")

    assert browser.response.status_code == 400
    assert "location" not in browser.response.headers


async def test_browser_under_another_name_is_moved_to_the_portals_address_once(stage):
    browser = await stage.browser.open("/masuk", host="localhost:8400")
    assert browser.at == "http://127.0.0.1:8400/masuk?pindah=1"

    await browser.open("/masuk?pindah=1", host="behind.proxy.test")
    assert browser.at.startswith(f"{ISSUER}/authorize?")


async def test_sign_out_ends_the_session_here_and_at_the_provider(stage):
    asked = await leave(stage)
    await arrive(stage, asked)
    stage.member.answers["SignOut"] = {"signOut": {"signedOut": 1, "errors": []}}
    browser = await stage.browser.open("/")

    await browser.submit("/keluar")

    assert [(call.name, call.token) for call in stage.member.calls] == [("SignOut", "akses")]
    assert browser.at.startswith(f"{ISSUER}/logout?")
    sent = query_of(browser.at)
    assert sent["post_logout_redirect_uri"] == "http://127.0.0.1:8400/"
    assert sent["client_id"] == "portal"
    assert sent["id_token_hint"].startswith("e30.")
    assert nothing_kept(browser)
    await browser.open("/")
    assert browser.text_of("notice") == "Anda sudah keluar."


async def test_sign_out_of_a_session_that_is_over_still_forgets_it(stage):
    asked = await leave(stage)
    await arrive(stage, asked)
    error = {"message": "x", "path": ["signOut"], "extensions": {"code": "UNAUTHENTICATED"}}
    stage.member.answers["SignOut"] = Answer(None, (error,))
    browser = await stage.browser.open("/")
    stage.provider.reachable = False

    await browser.submit("/keluar")

    assert browser.at == "/"
    assert nothing_kept(browser)


async def test_sign_out_by_a_link_does_nothing(stage):
    asked = await leave(stage)
    await arrive(stage, asked)

    browser = await stage.browser.open("/keluar")

    assert browser.response.status_code == 405
    assert not nothing_kept(browser)


async def test_sign_in_of_another_world_goes_to_its_own_issuer():
    stage = build("uji")

    browser = await stage.browser.open("/masuk")

    asked = query_of(browser.at)
    assert browser.at.startswith("http://127.0.0.1:8400/w/uji/idp/authorize?")
    assert asked["redirect_uri"] == "http://127.0.0.1:8400/w/uji/auth/callback"
    await browser.client.aclose()
