"""What survives a restart, what never reaches a log, and who may reach the server at all."""

import json
import logging
from pathlib import Path

import pytest

from mockidp.models import ClientRow, CodeRow, RefreshTokenRow, SessionRow
from tests.mockidp.running import FixedClock, Idp, free_listener, running, sent_back


async def test_restart_keeps_everyone_signed_in(folder: Path) -> None:
    listener = free_listener()
    url_port = listener.getsockname()[1]
    async with running(folder, listener=listener) as idp:
        tokens = await idp.tokens()
        code = sent_back(await idp.authorize())["code"]
        cookies, keys = idp.browser.cookies, (await idp.browser.get("/jwks")).json()
    again = free_listener()
    async with running(folder, clock=FixedClock(), listener=again) as idp:
        idp.browser.cookies = cookies
        assert (await idp.browser.get("/jwks")).json() == keys
        assert "code" in sent_back(await idp.authorize(prompt="none"))
        assert (await idp.redeem(code)).status_code == 200
        assert (await idp.refresh(tokens["refresh_token"])).status_code == 200
        # The portal's address follows the host's new port.
        portal = await ClientRow.get(client_id="portal")
        assert portal.redirect_uris == [f"{idp.url}/auth/callback"]
        assert again.getsockname()[1] != url_port


async def test_portal_signs_in_to_its_own_callback_only(idp: Idp) -> None:
    callback = f"{idp.url}/auth/callback"
    code = await idp.code(client_id="portal", redirect_uri=callback)
    assert (await idp.redeem(code, client_id="portal", redirect_uri=callback)).status_code == 200
    assert (await idp.authorize(client_id="portal")).status_code == 400


async def test_no_secret_reaches_a_log_or_a_row(idp: Idp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # Other stand-alone servers of the same process may have made it quieter.
    caplog.set_level(logging.DEBUG, logger="tortoise.db_client")
    # The driver of the test itself logs the addresses it was sent to.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    page = await idp.authorize()
    await idp.submit(page, login="sari@peserta.test", password="Salah-Sekali-99")
    code = await idp.code()
    tokens = (await idp.redeem(code)).json()
    await idp.redeem(code)
    await idp.refresh(tokens["refresh_token"])
    ours = await idp.sessions.issue(idp.realm, "alone-sari", user_agent=None, ip_address=None)
    cookie = idp.browser.cookies["peserta_idp_main"]

    rows = [await row.all().values() for row in (SessionRow, CodeRow, RefreshTokenRow)]
    text = caplog.text + json.dumps(rows, default=str)
    assert "idp_sessions" in caplog.text
    secrets = [code, tokens["access_token"], tokens["refresh_token"], tokens["id_token"], cookie]
    secrets += [ours.access_token, ours.refresh_token, "Salah-Sekali-99"]
    assert [secret for secret in secrets if secret in text] == []


async def test_unexpected_failure_is_one_answer_without_detail(
    idp: Idp, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_subject: str) -> None:
        raise RuntimeError("the directory is down")

    tokens = await idp.tokens()
    monkeypatch.setattr(idp.realm.directory, "claims", broken)
    answer = await idp.userinfo(tokens["access_token"])
    assert (answer.status_code, answer.json()) == (500, {"error": "server_error"})
    assert "the directory is down" in caplog.text
    assert tokens["access_token"] not in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "["])
async def test_foreign_host_name_is_misdirected(idp: Idp, host: str) -> None:
    answer = await idp.browser.get("/jwks", headers={"Host": host})
    assert answer.status_code == 421


async def test_foreign_origin_is_forbidden_and_a_local_one_may_read(idp: Idp) -> None:
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://["):
        answer = await idp.browser.get("/jwks", headers={"Origin": origin})
        assert answer.status_code == 403
    local = await idp.browser.get("/jwks", headers={"Origin": "http://localhost:5173"})
    assert local.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "access-control-allow-credentials" not in local.headers
    asked = await idp.browser.options("/token", headers={"Origin": "http://localhost:5173"})
    assert (asked.status_code, asked.headers["access-control-allow-methods"]) == (204, "POST")
    page = await idp.browser.get("/authorize", headers={"Origin": "http://localhost:5173"})
    assert "access-control-allow-origin" not in page.headers
    assert (await idp.browser.options("/authorize")).status_code == 405
