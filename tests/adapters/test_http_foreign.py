"""HTTP to an identity provider: what is asked, and what a failure is told as."""

from collections.abc import Callable

import httpx
import pytest

from gateway.adapters.http_foreign import ForeignHttp


def reaching(answer: Callable[[httpx.Request], httpx.Response]) -> ForeignHttp:
    return ForeignHttp(transport=httpx.MockTransport(answer))


async def test_without_a_form_it_gets_and_answers_status_and_json() -> None:
    http = reaching(lambda request: httpx.Response(201, json={"method": request.method, "url": str(request.url)}))

    assert await http.ask("https://idp.example/keys") == (201, {"method": "GET", "url": "https://idp.example/keys"})


async def test_a_form_is_posted() -> None:
    http = reaching(lambda request: httpx.Response(400, json={"sent": request.content.decode()}))

    assert await http.ask("https://idp.example/token", {"a": "1 2"}) == (400, {"sent": "a=1+2"})


@pytest.mark.parametrize("error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
async def test_no_answer_is_an_os_error_without_details(error: httpx.HTTPError) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(OSError, match=f"^no answer: {type(error).__name__}$"):
        await reaching(fail).ask("https://idp.example/keys")


async def test_an_address_that_is_none_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="not an http address"):
        await ForeignHttp().ask("http://[::1")


async def test_an_answer_that_is_no_json_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        await reaching(lambda _: httpx.Response(200, text="<html>")).ask("https://idp.example/keys")


async def test_a_redirect_is_answered_rather_than_followed() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"}, json={})

    assert await reaching(answer).ask("https://idp.example/keys") == (302, {})
    assert len(asked) == 1


async def test_it_takes_no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "no-proxy-at-all://127.0.0.1:1")  # a client that read it would refuse to be made
    http = reaching(lambda _: httpx.Response(200, json={}))

    assert await http.ask("https://idp.example/keys") == (200, {})
    await http.aclose()
