"""The whole sign-up by hand, in a real browser without JavaScript, against a started sandbox."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from gateway.sandbox.serve import Running, running
from gateway.settings import Settings

pytestmark = pytest.mark.browser

PASSWORD = "kopi-susu-gula-aren"
PHONE, EMAIL, KPJ = "+6284000000001", "budi@peserta.test", "99260000001"
AWAIT = "query($filter: MessageFilter!) { awaitMessage(filter: $filter) { code link } }"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Running]:
    settings = Settings.model_validate(
        {"port": 0, "smtp_port": 0, "data": tmp_path, "password_profile": "cheap", "seed": 7}
    )
    async with running(settings) as started:
        yield started


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium: Browser, sandbox: Running) -> AsyncIterator[Page]:
    """A small screen, no JavaScript; the test fails if the page asks anything of another address."""
    asked: list[str] = []
    context = await chromium.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="id-ID"
    )
    opened = await context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    await context.close()
    assert [url for url in asked if not url.startswith(sandbox.line["portal"])] == []


async def command(sandbox: Running, query: str, world: str = "", **variables: object) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        url = f"{home(sandbox)}{world}/control/graphql"
        answer = (await client.post(url, json={"query": query, "variables": variables})).json()
    data: dict[str, Any] = answer["data"]
    return data


async def message(sandbox: Running, world: str = "", **wanted: str) -> dict[str, str]:
    found: dict[str, str] = (await command(sandbox, AWAIT, world, filter=wanted))["awaitMessage"]
    return found


def home(sandbox: Running) -> str:
    portal: str = sandbox.line["portal"]
    return portal.rstrip("/")


def at(page: Page, testid: str):
    return page.locator(f'[data-testid="{testid}"]')


async def sign_up(page: Page, sandbox: Running, world: str = "") -> None:
    await page.goto(f"{home(sandbox)}{world}/")
    await at(page, "persona-budi-sign-up").click()
    await at(page, "submit").click()
    code = (await message(sandbox, world, to=PHONE, channel="SMS"))["code"]
    await at(page, "field-code").fill(code)
    await at(page, "submit").click()
    await at(page, "field-password").fill(PASSWORD)
    await at(page, "submit").click()
    assert await at(page, "target").is_visible()
    await page.goto((await message(sandbox, world, to=EMAIL, channel="EMAIL"))["link"])
    await at(page, "activate").click()
    assert await at(page, "activated").inner_text() == "Akun sudah aktif"


async def sign_in(page: Page) -> None:
    await at(page, "login").fill(KPJ)
    await at(page, "password").fill(PASSWORD)
    await at(page, "sign-in").click()


async def test_person_signs_up_activates_signs_in_and_reads_the_balance(page: Page, sandbox: Running):
    await sign_up(page, sandbox)

    await at(page, "sign-in").click()
    await sign_in(page)

    assert page.url == f"{home(sandbox)}/saldo"
    assert await at(page, "member-name").inner_text() == "Budi Contoh"
    assert (await at(page, "balance-total").inner_text()).startswith("Rp")
    assert await at(page, f"membership-{KPJ}").is_visible()

    await at(page, "nav-sign-out").click()
    assert await at(page, "notice").inner_text() == "Anda sudah keluar."
    await at(page, "nav-sign-in").click()
    assert await at(page, "login").is_visible()


async def test_second_world_has_its_own_sign_up_and_session(page: Page, sandbox: Running):
    await command(sandbox, 'mutation { createWorld(input: {id: "uji"}) { id } }')

    await sign_up(page, sandbox, "/w/uji")
    await at(page, "sign-in").click()
    await sign_in(page)

    assert page.url == f"{home(sandbox)}/w/uji/saldo"
    assert await at(page, "member-name").inner_text() == "Budi Contoh"
    await page.goto(f"{home(sandbox)}/saldo")
    assert await at(page, "login").is_visible()


async def test_ended_token_is_renewed_by_the_providers_session(page: Page, sandbox: Running):
    await sign_up(page, sandbox)
    await at(page, "sign-in").click()
    await sign_in(page)

    await command(sandbox, 'mutation { advanceClock(by: "PT16M") { jobsRun } }')
    await page.reload()
    assert await at(page, "session-ended").is_visible()
    await at(page, "sign-in").click()

    assert await at(page, "member-name").inner_text() == "Budi Contoh"


async def test_every_wrong_turn_is_told_and_can_be_mended(page: Page, sandbox: Running):
    await page.goto(f"{home(sandbox)}/daftar?persona=budi")
    await at(page, "field-nik").fill("317199")
    await at(page, "submit").click()
    assert await at(page, "error-nik").inner_text() == "NIK terdiri dari 16 angka. Periksa KTP Anda."
    await at(page, "field-nik").fill("3171991403889001")
    await at(page, "submit").click()

    code = (await message(sandbox, to=PHONE, channel="SMS"))["code"]
    await at(page, "field-code").fill("000000" if code != "000000" else "000001")
    await at(page, "submit").click()
    assert await at(page, "problem-OTP_INVALID").is_visible()
    await page.reload()
    assert await at(page, "attempts-left").inner_text() == "4"

    await at(page, "resend-sms").click()
    assert await at(page, "problem-RATE_LIMITED").is_visible()
    await at(page, "field-code").fill(code)
    await at(page, "submit").click()
    await at(page, "field-password").fill("password")
    await at(page, "submit").click()
    assert await at(page, "problem-PASSWORD_TOO_WEAK").is_visible()
    await page.go_back()
    await page.goto(f"{home(sandbox)}/daftar")
    await at(page, "go-on").click()
    assert await at(page, "field-password").is_visible()


async def test_used_link_is_told_and_offers_another(page: Page, sandbox: Running):
    await sign_up(page, sandbox)
    link = (await message(sandbox, to=EMAIL, channel="EMAIL"))["link"]

    await page.goto(link)
    await at(page, "activate").click()

    assert await at(page, "problem-TOKEN_USED").is_visible()
    await at(page, "ask-again").click()
    assert await at(page, "field-kpj").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_is_wider_than_a_small_screen(chromium: Browser, sandbox: Running, scheme: str):
    portal = home(sandbox)
    context = await chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = await context.new_page()

    wide = []
    for path in ("/", "/daftar", "/aktivasi?token=t", "/lupa-sandi", "/masuk/pilih", "/tidak-ada?lang=en", "/?lang=en"):
        await page.goto(f"{portal}{path}")
        if await page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(path)

    await context.close()
    assert wide == []
