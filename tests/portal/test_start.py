"""The start page says what runs here, who can be played, and how to begin."""

import json
import shlex

import httpx

from schema.execution import Answer
from tests.portal.staging import Browser, build


async def test_every_address_of_the_world_is_there(stage):
    browser = await stage.browser.open("/")

    urls = stage.world.urls
    for name in ("portal", "graphql", "subscriptions", "control", "inbox", "issuer", "smtp", "sms"):
        assert browser.text_of(f"url-{name}") == getattr(urls, name)


async def test_addresses_are_those_of_the_own_world():
    stage = build("uji")

    browser = await stage.browser.open("/")

    assert browser.text_of("url-graphql") == "http://127.0.0.1:8400/w/uji/graphql"
    assert 'href="/w/uji/daftar"' in browser.page
    assert 'href="/w/uji/static/peserta.css?v=' in browser.page
    await browser.client.aclose()


async def test_people_are_shown_with_what_a_sign_up_asks(stage):
    browser = await stage.browser.open("/")

    for words in ("Budi Contoh", "99260000004", "3171991403889004", "14 Maret 1988", "+6284000000004"):
        assert words in browser.text_of("persona-budi")
    assert "budi@peserta.test" in browser.text_of("persona-budi")
    assert "Dua KPJ <belum> digabung" in browser.text_of("persona-budi")
    assert browser.text_of("persona-budi-stage") == "Belum punya akun"


async def test_password_is_shown_only_where_one_is_published(stage):
    browser = await stage.browser.open("/")

    assert browser.text_of("persona-laras-password") == "sandi-rekaan-'laras'"
    assert not browser.shows("persona-budi-password")
    assert browser.shows("persona-budi-sign-up")
    assert browser.shows("persona-laras-sign-in")


async def test_three_commands_can_be_copied_into_a_shell(stage):
    browser = await stage.browser.open("/")

    commands = [shlex.split(browser.text_of(f"example-{name}")) for name in ("start", "wait", "sign_in")]
    urls = stage.world.urls
    assert [command[2] for command in commands] == [urls.graphql, urls.control, urls.graphql]
    bodies = [json.loads(command[-1]) for command in commands]
    assert bodies[0]["variables"]["input"]["nik"] == "3171991403889004"
    assert bodies[1]["variables"]["filter"] == {"to": "+6284000000004", "kind": "OTP"}
    assert bodies[2]["variables"]["input"] == {"login": "99260000005", "password": "sandi-rekaan-'laras'"}


async def test_people_stay_hidden_behind_a_control_token():
    stage = build(show_personas=False)

    browser = await stage.browser.open("/")

    assert stage.control.calls == []
    assert "99260000004" not in browser.page
    assert "token kendali" in browser.text_of("no-people")
    await browser.client.aclose()


async def test_start_page_stands_while_the_control_api_does_not_answer(stage):
    stage.control.answers["Personas"] = Answer(None, ({"message": "x", "extensions": {"code": "UNAVAILABLE"}},))

    browser = await stage.browser.open("/")

    assert browser.response.status_code == 200
    assert browser.text_of("no-people") == "Belum ada orang rekaan di dunia ini."
    assert browser.shows("url-graphql")


async def test_page_without_a_form_sets_no_cookie():
    stage = build()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(stage.app), base_url="http://127.0.0.1:8400")

    browser = await Browser(client).open("/")

    assert "set-cookie" not in browser.response.headers
    await client.aclose()
