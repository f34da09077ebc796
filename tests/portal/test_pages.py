"""What holds for every page: the band, both languages, the policy, the size, and what is shown when something fails."""

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.portal.app import PAGES
from tests.portal.staging import begin, build, registration
from tests.portal.test_balance import viewer
from tests.portal.test_card import verified

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "gateway" / "portal" / "templates"
SHOWN = {
    "/": None,
    "/daftar": None,
    "/daftar/otp": "AWAITING_OTP",
    "/daftar/sandi": "AWAITING_PASSWORD",
    "/daftar/cek-email": "AWAITING_ACTIVATION",
    "/aktivasi?token=t": None,
    "/aktivasi/berhasil": None,
    "/aktivasi/kirim-ulang": None,
    "/lupa-sandi": None,
    "/sandi-baru?token=t": "AWAITING_PASSWORD",
    "/masuk/pilih": None,
    "/saldo": "SIGNED_IN",
    "/kartu?token=t": "CARD",
    "/email-baru?token=t": None,
    "/email-baru/berhasil": None,
    "/auth/callback": None,
    "/tidak-ada": None,
}
every_page = pytest.mark.parametrize("path", SHOWN)
every_language = pytest.mark.parametrize("locale", ["id", "en"])


async def show(stage, path, **headers):
    if SHOWN[path] == "SIGNED_IN":
        stage.member.answers["Balance"] = viewer()
        stage.browser.client.cookies.set("peserta_access_main", "akses", domain="127.0.0.1", path="/")
    elif SHOWN[path] == "CARD":
        stage.member.answers["VerifyCard"] = verified()
    elif SHOWN[path]:
        await begin(stage, SHOWN[path])
    return await stage.browser.open(path, **headers)


def test_every_page_that_can_be_opened_is_looked_at():
    opened = {path for method, path, _ in PAGES if method == "GET"} - {"/masuk"}

    assert {path.partition("?")[0] for path in SHOWN} - {"/tidak-ada"} == opened


@every_page
@every_language
async def test_page_is_in_the_readers_language_and_carries_the_band(stage, path, locale):
    browser = await show(stage, path, **{"accept-language": locale})

    band = {"id": "Simulasi, data fiktif.", "en": "Simulation, fictitious data."}[locale]
    assert band in browser.text_of("band")
    assert f'<html lang="{locale}">' in browser.page
    assert browser.page.count("<h1") == 1


@every_page
async def test_page_allows_no_script_and_no_stranger(stage, path):
    browser = await show(stage, path)

    headers = browser.response.headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self' http://127.0.0.1:8400"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "<script" not in browser.page
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", browser.page)
    assert set(re.findall(r'(?:src|href)="(https?://[^/"]+)', browser.page)) <= {"http://127.0.0.1:8400"}


@every_page
async def test_page_is_small(stage, path):
    browser = await show(stage, path)

    style = await stage.browser.client.get("/static/peserta.css")
    assert len(browser.response.content) + len(style.content) <= 60 * 1024


@every_page
async def test_every_field_has_a_label_and_every_id_is_unique(stage, path):
    browser = await show(stage, path)

    ids = re.findall(r'\sid="([^"]+)"', browser.page)
    visible = re.findall(r'<input id="(\w+)"', browser.page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label for="(\w+)"', browser.page)) == set(visible)
    assert set(" ".join(re.findall(r'aria-describedby="([^"]+)"', browser.page)).split()) <= set(ids)


@every_page
async def test_every_control_has_a_testid(stage, path):
    browser = await show(stage, path)

    controls = re.findall(r"<(?:a|button|input)\b[^>]*>", browser.page)
    bare = [tag for tag in controls if "data-testid" not in tag and "hidden" not in tag]
    assert [tag for tag in bare if 'href="#' not in tag] == []


def test_every_testid_is_documented():
    used = set()
    for file in TEMPLATES.glob("*.html"):
        for found in re.findall(r'data-testid="((?:[^"{]|\{\{.*?\}\})+)"', file.read_text()):
            used.add(re.sub(r"\{\{.*?\}\}", "…", found))
    documented = set(re.findall(r"^\| `([^`]+)` ", (ROOT / "docs" / "testids.md").read_text(), re.MULTILINE))

    assert used == documented


async def test_language_is_chosen_by_a_click_and_kept(stage):
    browser = await stage.browser.open("/daftar?lang=en&persona=budi")
    assert '<html lang="en">' in browser.page
    assert 'href="?persona=budi&amp;lang=id"' in browser.page

    await browser.open("/")
    assert '<html lang="en">' in browser.page
    await browser.open("/?lang=id")
    assert '<html lang="id">' in browser.page


async def test_unknown_language_is_bahasa_indonesia(stage):
    browser = await stage.browser.open("/?lang=fr", **{"accept-language": "fr"})

    assert '<html lang="id">' in browser.page


async def test_unknown_page_leads_home(stage):
    browser = await stage.browser.open("/tidak-ada")

    assert browser.response.status_code == 404
    assert browser.text_of("wrong") == "Halaman tidak ditemukan"
    assert browser.shows("home")


async def test_mistake_of_ours_is_told_by_a_number_only(stage, caplog):
    stage.member.answers |= registration()
    await begin(stage)
    stage.member.answers["Registration"] = RuntimeError("NIK 3171991403889001 bocor")

    with caplog.at_level(logging.ERROR, "peserta.portal"):
        browser = await stage.browser.open("/daftar/otp")

    assert browser.response.status_code == 500
    number = re.search(r"nomor (\S+) bila", browser.text_of("wrong-message"))
    assert number is not None
    assert number[1] in caplog.text
    assert "3171991403889001" not in browser.page + caplog.text
    assert "RuntimeError" not in browser.page


async def test_style_sheet_is_kept_by_the_browser_and_changes_its_address(stage):
    browser = await stage.browser.open("/")
    address = re.search(r'href="(/static/peserta\.css\?v=[0-9a-f]{12})"', browser.page)
    assert address is not None

    style = await stage.browser.client.get(address[1])

    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e%2fapp.py", "layout.html", ""])
async def test_only_static_files_are_served(stage, name):
    response = await stage.browser.client.get(f"/static/{name}")

    assert response.status_code == 404


async def test_pages_of_a_portal_behind_https_send_secure_cookies():
    stage = build()
    object.__setattr__(stage.world, "urls", replace(stage.world.urls, portal="https://peserta.example.test"))

    browser = await stage.browser.open("/daftar")

    assert "Secure" in browser.response.headers["set-cookie"]
    await browser.client.aclose()
