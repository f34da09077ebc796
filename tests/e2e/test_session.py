"""Sessions end to end: by KPJ, by cookie, by the provider's own page; ended at once wherever they are known."""

import asyncio
import base64
import hashlib
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.e2e.conftest import Start, at_main, open_client
from tests.e2e.journey import JSON, LARAS_PASSWORD, PASSWORD, UCOKS_PASSWORD, Journey
from tests.e2e.server import Server, launched

pytestmark = pytest.mark.e2e

SESSIONS = """{ viewer { account { sessions { id current userAgent }
  activity(first: 50) { totalCount nodes { kind } } } } }"""
CALLBACK = "http://127.0.0.1:9/selesai"
CLIENT = "dev"  # the provider's client that may come back to any loopback address
VERIFIER = "v" * 43


@pytest.fixture
def ucok(budi: Journey) -> Journey:
    """Somebody who has an account."""
    return budi.of("ucok")


def is_taken(answer: JSON) -> bool:
    """Whether a token was taken."""
    return "errors" not in answer and answer["data"]["viewer"] is not None


def codes(payload: JSON) -> list[str]:
    """The codes of a refusal."""
    return [error["code"] for error in payload["errors"]]


async def test_both_names_sign_in_and_a_wrong_password_does_not(ucok: Journey) -> None:
    by_kpj = await ucok.sign_in(UCOKS_PASSWORD)
    by_email = await ucok.sign_in(UCOKS_PASSWORD, " UCOK@peserta.test ")
    refused = await ucok.sign_in("salah-sekali-ini")

    assert by_kpj["session"]["account"] == by_email["session"]["account"] == {"kpj": ucok.form["kpj"]}
    assert (refused["session"], codes(refused)) == (None, ["INVALID_CREDENTIALS"])


async def test_a_refresh_token_works_once_and_a_second_use_ends_the_session(ucok: Journey) -> None:
    first = (await ucok.sign_in(UCOKS_PASSWORD))["session"]

    second = (await ucok.mutate("refreshSession", {"refreshToken": first["refreshToken"]}))["session"]
    before = is_taken(await ucok.view(second["accessToken"]))
    reused = await ucok.mutate("refreshSession", {"refreshToken": first["refreshToken"]})
    after = await ucok.view(second["accessToken"])
    newest = await ucok.mutate("refreshSession", {"refreshToken": second["refreshToken"]})

    assert second["refreshToken"] != first["refreshToken"]
    assert before
    assert codes(reused) == codes(newest) == ["SESSION_REVOKED"]
    assert after["errors"][0]["extensions"]["reason"] == "REVOKED"


async def test_of_sixteen_refreshes_at_once_one_wins(ucok: Journey) -> None:
    token = (await ucok.sign_in(UCOKS_PASSWORD))["session"]["refreshToken"]

    answers = await asyncio.gather(*(ucok.mutate("refreshSession", {"refreshToken": token}) for _ in range(16)))

    assert sorted(codes(answer) for answer in answers) == [[]] + [["SESSION_REVOKED"]] * 15


async def test_a_refresh_token_ends_with_its_life_and_a_foreign_one_is_none(ucok: Journey) -> None:
    token = (await ucok.sign_in(UCOKS_PASSWORD))["session"]["refreshToken"]
    await ucok.advance("P400D")

    expired = await ucok.mutate("refreshSession", {"refreshToken": token})
    foreign = await ucok.mutate("refreshSession", {"refreshToken": "x"})
    missing = await ucok.mutate("refreshSession", {})

    assert [codes(answer) for answer in (expired, foreign, missing)] == [
        ["TOKEN_EXPIRED"],
        ["TOKEN_INVALID"],
        ["REQUIRED"],
    ]


async def test_signing_out_ends_this_session_alone_or_all_at_once(ucok: Journey) -> None:
    tokens = [await ucok.access(UCOKS_PASSWORD) for _ in range(4)]

    alone = await ucok.sign_out(tokens[0])
    after_one = [is_taken(await ucok.view(token)) for token in tokens]
    everywhere = await ucok.sign_out(tokens[1], everywhere=True)
    after_all = [is_taken(await ucok.view(token)) for token in tokens]

    assert (alone["signedOut"], after_one) == (1, [False, True, True, True])
    assert (everywhere["signedOut"], after_all) == (3, [False] * 4)


async def test_one_named_session_is_ended_and_nobody_elses(budi: Journey, ucok: Journey) -> None:
    laras = budi.of("laras")
    own, other = await ucok.access(UCOKS_PASSWORD), await ucok.access(UCOKS_PASSWORD)
    foreign = await laras.access(LARAS_PASSWORD)
    listed = (await ucok.ask(SESSIONS, Authorization=f"Bearer {own}"))["data"]["viewer"]["account"]
    (named,) = [session["id"] for session in listed["sessions"] if not session["current"]]

    by_stranger = await laras.sign_out(foreign, sessionId=named)
    by_owner = await ucok.sign_out(own, sessionId=named)

    assert (by_stranger["signedOut"], by_owner["signedOut"]) == (0, 1)
    assert [is_taken(await ucok.view(token)) for token in (own, other)] == [True, False]
    assert listed["activity"]["nodes"] == [{"kind": "SIGNED_IN"}] * 2


async def test_a_changed_password_ends_every_other_session(ucok: Journey) -> None:
    own, other = await ucok.access(UCOKS_PASSWORD), await ucok.access(UCOKS_PASSWORD)
    values = {"currentPassword": UCOKS_PASSWORD, "newPassword": PASSWORD}

    changed = await ucok.mutate("changePassword", values, Authorization=f"Bearer {own}")
    notice = await ucok.find("PT15S", kind="SECURITY_NOTICE", to=ucok.form["email"])

    assert changed == {"accepted": True, "errors": []}
    assert [is_taken(await ucok.view(token)) for token in (own, other)] == [True, False]
    assert notice is not None
    assert codes(await ucok.sign_in(UCOKS_PASSWORD)) == ["INVALID_CREDENTIALS"]


async def test_a_refresh_token_in_a_cookie_is_out_of_reach_of_scripts(ucok: Journey) -> None:
    signed_in = await ucok.sign_in(UCOKS_PASSWORD, refreshTransport="COOKIE")
    (cookie,) = ucok.http.cookies.jar
    refreshed = await ucok.mutate("refreshSession", {})
    (rotated,) = ucok.http.cookies.jar
    await ucok.sign_out(refreshed["session"]["accessToken"])

    world_id = ucok.graphql.split("/")[-2]
    assert signed_in["session"]["refreshToken"] is None
    assert (cookie.name, cookie.path) == (f"peserta_refresh_{world_id}", f"/w/{world_id}/graphql")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert (refreshed["errors"], refreshed["session"]["refreshToken"]) == ([], None)
    assert rotated.value != cookie.value
    assert list(ucok.http.cookies.jar) == []


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of the first form on a page."""
    form = page[page.index("<form") : page.index("</form>")]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


async def authorize(http: httpx.AsyncClient, issuer: str, **answer: str) -> httpx.Response:
    """Open the provider's sign-in page as a browser would, send its form, and stop at the way back to the client."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "openid profile email member",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = await http.get(f"{issuer}/authorize?{urlencode(query)}")
    if page.status_code != 200:
        return page
    return await http.post(f"{issuer}/sign-in", data={**hidden(page.text), **answer})


async def redeem(http: httpx.AsyncClient, issuer: str, back: httpx.Response) -> JSON:
    """Exchange the code on the way back for tokens."""
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    tokens: JSON = (await http.post(f"{issuer}/token", data=form)).json()
    return tokens


@pytest.mark.parametrize("way", ["password", "persona"])
async def test_the_providers_own_page_signs_in_to_the_same_account(ucok: Journey, way: str) -> None:
    issuer = ucok.graphql.replace("/graphql", "/idp")
    answer = {"login": ucok.form["kpj"], "password": UCOKS_PASSWORD} if way == "password" else {"persona": "ucok"}

    back = await authorize(ucok.http, issuer, **answer)
    tokens = await redeem(ucok.http, issuer, back)
    viewer = await ucok.view(tokens["access_token"])

    assert back.headers["location"].startswith(CALLBACK)
    assert viewer["data"]["viewer"]["account"]["kpj"] == ucok.form["kpj"]
    listed = await ucok.ask(SESSIONS, Authorization=f"Bearer {tokens['access_token']}")
    assert [session["current"] for session in listed["data"]["viewer"]["account"]["sessions"]] == [True]


async def test_a_sign_out_everywhere_ends_what_began_at_the_providers_page(ucok: Journey) -> None:
    issuer = ucok.graphql.replace("/graphql", "/idp")
    tokens = await redeem(ucok.http, issuer, await authorize(ucok.http, issuer, persona="ucok"))

    ended = await ucok.sign_out(await ucok.access(UCOKS_PASSWORD), everywhere=True)
    asked_again = await ucok.http.post(
        f"{issuer}/token",
        data={"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": tokens["refresh_token"]},
    )

    assert ended["signedOut"] == 2
    assert not is_taken(await ucok.view(tokens["access_token"]))
    assert (asked_again.status_code, asked_again.json()["error"]) == (400, "invalid_grant")


async def test_the_providers_page_refuses_a_wrong_password_and_locks_like_the_gateway(ucok: Journey) -> None:
    issuer = ucok.graphql.replace("/graphql", "/idp")

    pages = []
    for _ in range(5):
        async with open_client() as browser:
            pages.append(await authorize(browser, issuer, login=ucok.form["kpj"], password="salah-sekali"))
    locked = await ucok.sign_in(UCOKS_PASSWORD)

    shown = [re.findall(r'data-code="(\w+)"', page.text) for page in pages]
    assert shown == [["INVALID_CREDENTIALS"]] * 4 + [["ACCOUNT_LOCKED"]]
    assert codes(locked) == ["ACCOUNT_LOCKED"]


async def test_a_code_works_once_and_only_with_its_verifier(ucok: Journey) -> None:
    issuer = ucok.graphql.replace("/graphql", "/idp")
    back = await authorize(ucok.http, issuer, persona="ucok")
    tokens = await redeem(ucok.http, issuer, back)

    again = await redeem(ucok.http, issuer, back)

    assert again["error"] == "invalid_grant"
    assert not is_taken(await ucok.view(tokens["access_token"]))


async def test_with_a_foreign_provider_signing_in_is_unavailable_and_says_so(start: Start, lite: Server) -> None:
    async with open_client() as http:
        ucok = at_main(http, await start(oidc_issuer=lite.line["issuer"])).of("ucok")

        signed_in = await ucok.sign_in(UCOKS_PASSWORD)
        refreshed = await ucok.mutate("refreshSession", {"refreshToken": "x"})
        home = at_main(http, lite).of("ucok")
        foreign = await ucok.view(await home.access(UCOKS_PASSWORD))

    expected = [("ServiceError", "SERVICE_UNAVAILABLE", "IDENTITY")]
    for payload in (signed_in, refreshed):
        assert [(error["__typename"], error["code"], error["service"]) for error in payload["errors"]] == expected
    assert foreign["data"]["viewer"]["account"]["kpj"] == ucok.form["kpj"]


async def test_a_provider_that_does_not_answer_makes_the_viewer_unavailable(start: Start, tmp_path: Path) -> None:
    async with open_client() as http, launched(tmp_path / "provider") as provider:
        token = await at_main(http, provider).of("ucok").access(UCOKS_PASSWORD)
        gateway = at_main(http, await start(oidc_issuer=provider.line["issuer"]))
        await provider.end()

        answer = await gateway.view(token)

    (error,) = answer["errors"]
    assert (answer["data"], error["extensions"]["code"]) == ({"viewer": None}, "UNAVAILABLE")
    assert error["extensions"]["traceId"]
