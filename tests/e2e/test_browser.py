"""A person's way through the pages, in a real browser without scripts: from the start page to the balance."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, Request, async_playwright, expect

from tests.e2e.conftest import new_world
from tests.e2e.journey import PASSWORD, Journey
from tests.e2e.server import Server

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; tools/chromium.sh says where another one is."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "There is no Chromium: `make test` installs one, or set CHROMIUM to its path."
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


@dataclass
class Tab:
    """One page of a browser that runs no scripts, and where its requests went."""

    page: Page
    journey: Journey
    portal: str
    asked: list[str] = field(default_factory=list)

    def on(self, test_id: str) -> Locator:
        """The element of that test id."""
        return self.page.get_by_test_id(test_id)

    async def picture(self, name: str) -> None:
        """Keep a picture of the page for a person to look at."""
        await self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture(params=["id-ID", "en-GB"])
async def tab(
    request: pytest.FixtureRequest, browser: Browser, lite: Server, http: httpx.AsyncClient
) -> AsyncIterator[Tab]:
    """A tab in a world of its own; no request of it may leave that server."""
    journey = await new_world(http, lite)
    context = await browser.new_context(java_script_enabled=False, locale=request.param)
    page = await context.new_page()
    opened = Tab(page, journey, journey.graphql.removesuffix("/graphql"))

    def note(asked: Request) -> None:
        opened.asked.append(asked.url)

    page.on("request", note)
    yield opened
    await context.close()
    assert [url for url in opened.asked if not url.startswith(f"{lite.line['portal']}/")] == []


async def test_the_sign_up_by_hand_leads_to_the_balance(tab: Tab) -> None:
    siti, language = tab.journey.of("siti"), await _language(tab)
    await tab.on("start-sign-up").click()
    for name, value in siti.form.items():
        await tab.on(f"field-{name}").fill(value)
    await tab.picture(f"{language}-form")
    await tab.on("submit").click()

    await tab.on("field-code").fill(await siti.code())
    await tab.picture(f"{language}-code")
    await tab.on("submit").click()
    await tab.on("field-password").fill(PASSWORD)
    await tab.on("submit").click()
    await expect(tab.on("clicked")).to_be_visible()
    await tab.picture(f"{language}-mail")
    await tab.page.goto((await siti.message("EMAIL", siti.form["email"]))["link"])
    await tab.picture(f"{language}-activation")
    await tab.on("activate").click()
    await expect(tab.on("activated")).to_be_visible()

    await tab.on("nav-sign-in").click()
    await tab.page.get_by_test_id("login").fill(siti.form["kpj"])
    await tab.page.get_by_test_id("password").fill(PASSWORD)
    await tab.picture(f"{language}-sign-in")
    await tab.page.get_by_test_id("sign-in").click()

    await expect(tab.on("member-name")).to_have_text("Siti Fiktif")
    await expect(tab.on("member-nik")).to_contain_text("3273********9002")
    shown = "".join(filter(str.isdigit, await tab.on("balance-total").first.inner_text()))
    assert abs(int(shown) - 14_200_000) <= 1_000
    await tab.picture(f"{language}-balance")


async def test_a_persona_signs_in_with_one_click_and_out_again(tab: Tab) -> None:
    await tab.page.goto(tab.portal)
    await tab.on("persona-ucok-sign-in").click()
    await tab.page.get_by_test_id("persona-ucok").click()

    await expect(tab.on("member-name")).to_have_text("Ucok Reka")
    await tab.on("nav-sign-out").click()
    await tab.page.goto(f"{tab.portal}/saldo")
    await expect(tab.on("member-name")).to_have_count(0)


async def test_a_wrong_form_is_explained_beside_its_fields(tab: Tab) -> None:
    await tab.page.goto(f"{tab.portal}/daftar")
    await tab.on("field-kpj").fill("123")
    await tab.on("submit").click()

    await expect(tab.on("error-kpj")).to_be_visible()
    await expect(tab.on("error-nik")).to_be_visible()
    await expect(tab.on("field-kpj")).to_have_value("123")
    assert await tab.journey.inbox() == []


async def test_the_inbox_shows_the_message_and_says_that_it_is_a_simulation(tab: Tab) -> None:
    await tab.journey.start()
    await tab.journey.code()

    await tab.page.goto(f"{tab.portal}/inbox/")

    await expect(tab.page.locator("body")).to_contain_text("imulasi")
    await expect(tab.page.locator("body")).to_contain_text("+6284000000001")


async def _language(tab: Tab) -> str:
    """Open the start page; the language that it came in is the one that the browser prefers."""
    await tab.page.goto(tab.portal)
    await expect(tab.on("band")).to_be_visible()
    language = await tab.page.locator("html").get_attribute("lang")
    prefers: str = language or ""
    await tab.picture(f"{prefers}-start")
    return prefers
