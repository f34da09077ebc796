"""The sign-in and sign-out pages: languages, refusals, forged forms, and where a person may be sent."""

import re
from pathlib import Path

import pytest

from mockidp.models import SessionRow
from tests.mockidp.running import CALLBACK, Idp, counted, running, sent_back

NO_MATCH = "The KPJ number, e-mail address or password does not match."


async def test_page_speaks_the_language_that_the_client_or_the_browser_prefers(idp: Idp) -> None:
    default = await idp.authorize()
    english = await idp.authorize(ui_locales="fr en id")
    asked = idp.request()
    browser = await idp.browser.get("/authorize", params=asked, headers={"Accept-Language": "en-GB,id;q=0.5"})
    both = await idp.browser.get("/authorize", params={**asked, "ui_locales": "id"}, headers={"Accept-Language": "en"})
    assert ['lang="id">' in page.text for page in (default, english, browser, both)] == [
        True,
        False,
        False,
        True,
    ]
    assert "Simulasi, data fiktif" in default.text
    assert "Simulation, fictitious data" in english.text


async def test_language_link_keeps_the_request(idp: Idp) -> None:
    page = await idp.authorize()
    href = re.search(r'href="([^"]+)" hreflang="en"', page.text)
    assert href
    english = await idp.browser.get(href[1].replace("&amp;", "&"))
    assert sent_back(await idp.submit(english, persona="sari"))["state"] == "st-1"


@pytest.mark.parametrize(
    ("login", "password", "code", "message"),
    [
        ("sari@peserta.test", "wrong", "INVALID_CREDENTIALS", NO_MATCH),
        ("nobody@peserta.test", "", "INVALID_CREDENTIALS", NO_MATCH),
        ("wulan@peserta.test", "", "INVALID_CREDENTIALS", NO_MATCH),
        ("tono@peserta.test", "Contoh-Tono-77", "ACCOUNT_LOCKED", "This account is locked for the time being."),
    ],
)
async def test_refused_sign_in_tells_why_and_opens_nothing(
    idp: Idp, login: str, password: str, code: str, message: str
) -> None:
    page = await idp.authorize(ui_locales="en")
    again = await idp.submit(page, login=login, password=password)

    assert again.status_code == 422
    assert f'data-code="{code}">{message}<' in again.text
    assert f'value="{login}"' in again.text
    assert "peserta_idp_main=" not in again.headers.get("set-cookie", "")
    assert await counted() == {"sessions": 0, "codes": 0, "refresh": 0}
    # The same page goes on to work.
    assert "code" in sent_back(await idp.submit(again, persona="sari"))


async def test_forged_forms_are_refused_and_open_nothing(idp: Idp) -> None:
    page = await idp.authorize()
    hidden = dict(re.findall(r'name="(request|form)" value="([^"]*)"', page.text))
    sent = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
    evil = {"Origin": "https://evil.example"}
    local = {"Origin": "http://localhost:3000"}
    tries = [
        ({"persona": "sari"}, {}),
        ({**sent, "form": "0" * 64, "persona": "sari"}, {}),
        ({**sent, "form": "é", "persona": "sari"}, {}),
        ({**sent, "request": sent["request"] + "&state=other", "persona": "sari"}, {}),
        ({**sent, "persona": "sari"}, evil),
        ({**sent, "persona": "sari"}, local),
        ({**sent, "persona": "sari"}, {"Origin": "null"}),
    ]
    for form, headers in tries:
        answer = await idp.browser.post("/sign-in", data=form, headers=headers)
        assert answer.status_code == 403
    # A form that was made for another browser has another cookie.
    idp.browser.cookies.clear()
    assert (await idp.browser.post("/sign-in", data={**sent, "persona": "sari"})).status_code == 403
    assert await counted() == {"sessions": 0, "codes": 0, "refresh": 0}


async def test_own_origin_is_accepted(idp: Idp) -> None:
    idp.browser.headers["Origin"] = idp.url
    assert "code" in sent_back(await idp.submit(await idp.authorize(), persona="sari"))


async def test_form_of_sign_out_does_not_serve_to_sign_in(idp: Idp) -> None:
    page = await idp.browser.get("/logout", params={"client_id": "dev"})
    hidden = dict(re.findall(r'name="(request|form)" value="([^"]*)"', page.text))
    answer = await idp.browser.post("/sign-in", data={**hidden, "persona": "sari"})
    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["wulan", "tono", "nobody"])
async def test_persona_without_button_cannot_be_chosen(idp: Idp, key: str) -> None:
    answer = await idp.submit(await idp.authorize(), persona=key)
    assert (answer.status_code, "persona_available" in answer.text) == (403, True)
    assert await SessionRow.all().count() == 0


async def test_without_one_click_there_are_no_personas_and_no_explanations(folder: Path) -> None:
    async with running(folder, one_click=False) as idp:
        page = await idp.authorize()
        assert "persona" not in page.text
        assert (await idp.submit(page, persona="sari")).status_code == 403
        refused = await idp.authorize(redirect_uri="https://evil.example/")
        assert (refused.status_code, "evil.example" in refused.text) == (400, False)
        assert await counted() == {"sessions": 0, "codes": 0, "refresh": 0}


async def test_page_cannot_be_framed_scripted_or_cached(idp: Idp) -> None:
    page = await idp.authorize()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy
    assert page.headers["cache-control"] == "no-store"
    # Stricter would make a browser send "Origin: null" with our own form.
    assert page.headers["referrer-policy"] == "same-origin"
    assert "<script" not in page.text


async def test_logout_by_hint_ends_the_session_and_returns_to_the_client(idp: Idp) -> None:
    tokens = await idp.tokens()
    idp.clock.advance(hours=1)  # An expired hint is still a hint.
    answer = await idp.browser.get(
        "/logout",
        params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": CALLBACK, "state": "bye"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CALLBACK}?state=bye")
    assert (await SessionRow.get()).revoked_why == "SIGN_OUT"
    assert "peserta_idp_main" not in idp.browser.cookies


async def test_logout_without_hint_asks_first(idp: Idp) -> None:
    tokens = await idp.tokens()
    page = await idp.browser.get("/logout", params={"ui_locales": "en"})
    assert (page.status_code, "Do you want to sign out?" in page.text) == (200, True)
    assert (await idp.userinfo(tokens["access_token"])).status_code == 200

    done = await idp.submit(page)

    assert 'data-testid="signed-out"' in done.text
    assert (await idp.userinfo(tokens["access_token"])).status_code == 401
    assert sent_back(await idp.authorize(prompt="none"))["error"] == "login_required"
    session = await SessionRow.get()
    assert (idp.realm.told, session.revoked_why) == ([session.id], "SIGN_OUT")


async def test_sign_out_form_cannot_be_forged(idp: Idp) -> None:
    tokens = await idp.tokens()
    assert (await idp.browser.post("/sign-out", data={"request": "", "form": ""})).status_code == 403
    assert (await idp.userinfo(tokens["access_token"])).status_code == 200


@pytest.mark.parametrize(
    ("client_id", "uri"),
    [
        ("dev", "https://evil.example/"),
        ("dev", "http://localhost@evil.example/"),
        ("other", "https://app.example/bye/"),
        ("other", "https://app.example/cb"),
        ("nobody", "https://app.example/bye"),
        (None, "https://app.example/bye"),
        (None, "http://localhost/"),
    ],
)
async def test_logout_is_no_open_redirect_and_ends_nothing_when_refused(
    idp: Idp, other_client: str, client_id: str | None, uri: str
) -> None:
    tokens = await idp.tokens()
    params = {"post_logout_redirect_uri": uri, **({"client_id": client_id} if client_id else {})}
    answer = await idp.browser.get("/logout", params=params)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "post_logout_uri_registered" in answer.text
    assert (await idp.userinfo(tokens["access_token"])).status_code == 200


async def test_logout_with_a_foreign_hint_is_refused(idp: Idp) -> None:
    tokens = await idp.tokens()
    for params in (
        {"id_token_hint": tokens["access_token"]},
        {"id_token_hint": tokens["id_token"], "client_id": "portal"},
        {"id_token_hint": "a.b.c"},
    ):
        answer = await idp.browser.get("/logout", params=params)
        assert (answer.status_code, "hint_is_ours" in answer.text) == (400, True)
        assert tokens["access_token"] not in answer.text
    assert (await idp.userinfo(tokens["access_token"])).status_code == 200
