"""The whole way of a browser application, over real HTTP, checked as a client would."""

from datetime import timedelta

from joserfc import jwt
from joserfc.jwk import KeySet

from mockidp.models import SessionRow
from tests.mockidp.running import CALLBACK, START, Idp, sent_back


async def published_keys(served: Idp) -> KeySet:
    discovery = (await served.browser.get("/.well-known/openid-configuration")).json()
    return KeySet.import_key_set((await served.browser.get(discovery["jwks_uri"])).json())


async def test_whole_flow_by_password_gives_working_tokens(served: Idp) -> None:
    discovery = (await served.browser.get("/.well-known/openid-configuration")).json()
    assert discovery["issuer"] == served.url

    page = await served.browser.get(discovery["authorization_endpoint"], params=served.request())
    assert page.status_code == 200
    back = await served.submit(page, login="Sari@peserta.test ", password="Contoh-Sari-77")
    assert back.headers["location"].startswith(f"{CALLBACK}?code=")
    answer = sent_back(back)
    assert answer == {"code": answer["code"], "state": "st-1", "iss": served.url}

    response = await served.redeem(answer["code"])
    tokens = response.json()
    assert response.headers["cache-control"] == "no-store"
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 900
    assert tokens["scope"] == "openid profile email phone member"

    keys = await published_keys(served)
    access = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    identity = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
    session = await SessionRow.get()
    now = int(START.timestamp())
    assert access.header == {"alg": "ES256", "kid": keys.keys[0].kid, "typ": "at+jwt"}
    assert access.claims == {
        "iss": served.url,
        "sub": "alone-sari",
        "aud": "peserta",
        "client_id": "dev",
        "sid": session.id,
        "scope": tokens["scope"],
        "iat": now,
        "exp": now + 900,
        "jti": access.claims["jti"],
    }
    assert identity.claims == {
        "iss": served.url,
        "sub": "alone-sari",
        "aud": "dev",
        "sid": session.id,
        "nonce": "no-1",
        "auth_time": now,
        "iat": now,
        "exp": now + 900,
    }
    assert session.how == "PASSWORD"

    known = await served.userinfo(tokens["access_token"])
    assert known.json() == {
        "sub": "alone-sari",
        "name": "Sari Contohwati",
        "email": "sari@peserta.test",
        "email_verified": True,
        "phone_number": "+6284000000101",
        "member": {"kpj": "99000000101", "segments": ["PU"], "status": "ACTIVE"},
    }

    renewed = (await served.refresh(tokens["refresh_token"])).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert (await served.userinfo(renewed["access_token"])).status_code == 200

    revoked = await served.post("/revoke", client_id="dev", token=renewed["refresh_token"])
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert (await served.userinfo(renewed["access_token"])).status_code == 401
    refused = await served.refresh(renewed["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert served.realm.told == [session.id]


async def test_every_published_endpoint_exists_and_no_other(served: Idp) -> None:
    discovery = (await served.browser.get("/.well-known/openid-configuration")).json()
    addresses = {name for name in discovery if name.endswith(("_endpoint", "_uri"))}
    assert addresses == {
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "end_session_endpoint",
    }
    for name in addresses:
        assert (await served.browser.get(discovery[name])).status_code != 404
    for absent in ("/introspect", "/register", "/device", "/par", "/bench", ""):
        assert (await served.browser.get(absent)).status_code == 404


async def test_persona_button_signs_in_without_password(served: Idp) -> None:
    page = await served.authorize()
    assert 'data-testid="persona-sari"' in page.text
    assert 'data-testid="persona-wulan"' not in page.text  # has no account
    assert 'data-testid="persona-tono"' not in page.text  # is locked

    assert sent_back(await served.submit(page, persona="bayu"))["state"] == "st-1"

    session = await SessionRow.get()
    assert (session.subject, session.how) == ("alone-bayu", "PERSONA")


async def test_second_visit_with_cookie_gives_code_without_page(served: Idp) -> None:
    await served.tokens()

    again = await served.authorize()
    silent = await served.authorize(prompt="none")
    forced = await served.authorize(prompt="login")

    assert "code" in sent_back(again)
    assert "code" in sent_back(silent)
    assert (forced.status_code, 'data-testid="sign-in"' in forced.text) == (200, True)
    assert await SessionRow.all().count() == 1


async def test_prompt_none_without_session_gives_login_required(served: Idp) -> None:
    back = sent_back(await served.authorize(prompt="none"))
    assert (back["error"], back["state"], back["iss"]) == ("login_required", "st-1", served.url)


async def test_request_sent_by_post_is_answered_like_get(served: Idp) -> None:
    page = await served.browser.post("/authorize", data=served.request(login_hint="bayu@peserta.test"))
    assert page.status_code == 200
    assert 'value="bayu@peserta.test"' in page.text
    assert "code" in sent_back(await served.submit(page, persona="sari"))


async def test_cookie_is_bound_to_realm_path_and_out_of_scripts_reach(two_realms: Idp) -> None:
    page = await two_realms.browser.get("/w/a/authorize", params=two_realms.request())
    back = await two_realms.submit(page, persona="sari")
    cookie = next(c for c in back.headers.get_list("set-cookie") if c.startswith("peserta_idp_a="))
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/w/a", "SameSite=lax"]
    assert sent_back(back)["iss"] == f"{two_realms.url}/w/a"
    # The other realm does not know the person.
    other = await two_realms.authorize(prompt="none")
    assert sent_back(other)["error"] == "login_required"


async def test_realms_have_keys_of_their_own_and_refuse_each_others_tokens(two_realms: Idp) -> None:
    main = (await two_realms.browser.get("/jwks")).json()["keys"]
    other = (await two_realms.browser.get("/w/a/jwks")).json()["keys"]
    assert len(main) == len(other) == 1
    assert main[0]["x"] != other[0]["x"]
    assert "d" not in main[0]

    tokens = await two_realms.tokens()
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await two_realms.browser.get("/w/a/userinfo", headers=header)).status_code == 401
    values = {"grant_type": "refresh_token", "client_id": "dev", "refresh_token": tokens["refresh_token"]}
    refused = await two_realms.browser.post("/w/a/token", data=values)
    assert refused.json()["error"] == "invalid_grant"
    assert (await two_realms.userinfo(tokens["access_token"])).status_code == 200


async def test_token_times_follow_the_realms_clock(served: Idp) -> None:
    tokens = await served.tokens()
    served.clock.advance(seconds=899)
    assert (await served.userinfo(tokens["access_token"])).status_code == 200
    served.clock.advance(seconds=1)
    assert (await served.userinfo(tokens["access_token"])).status_code == 401

    served.clock.advance(days=29)
    renewed = (await served.refresh(tokens["refresh_token"])).json()
    claims = jwt.decode(renewed["access_token"], await published_keys(served), algorithms=["ES256"]).claims
    assert claims["iat"] == int((START + timedelta(days=29, seconds=900)).timestamp())

    served.clock.advance(days=29)
    renewed = (await served.refresh(renewed["refresh_token"])).json()
    served.clock.advance(days=30)
    refused = await served.refresh(renewed["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_narrowed_refresh_keeps_the_granted_scope_for_later(served: Idp) -> None:
    tokens = await served.tokens()
    narrow = (await served.refresh(tokens["refresh_token"], scope="openid email")).json()
    assert narrow["scope"] == "openid email"
    assert set((await served.userinfo(narrow["access_token"])).json()) == {"sub", "email", "email_verified"}
    assert (await served.refresh(narrow["refresh_token"])).json()["scope"] == tokens["scope"]
