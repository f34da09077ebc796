"""The inbox pages: what they show, in both languages, and what a caught mail may not do."""

import httpx
import pytest

from mailsink.sink import Sink
from mailsink.texts import WORDS, choose_language
from mailsink.web import create_app
from tests.mailsink.conftest import FakeHost, FakeMailbox, deliver, make_mail, text_to

BASE = "http://127.0.0.1:8400"


def client(sink: Sink, host: FakeHost, *, token: str | None = None, root_path: str = "/inbox") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=create_app(sink, host, token=token), root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url=BASE)


async def test_inbox_shows_code_and_link_newest_first(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    await deliver(sink, main)
    await text_to(sink, main)

    async with client(sink, host) as http:
        page = (await http.get("/inbox")).text

    assert '<code data-testid="message-code">123456</code>' in page
    assert 'href="http://127.0.0.1:8400/activate?token=abc"' in page
    assert page.index('data-message-id="m2"') < page.index('data-message-id="m1"')
    assert 'href="/inbox/messages/m2?lang=id"' in page
    assert '<p class="band" data-testid="band">Simulasi, data fiktif</p>' in page


async def test_page_allows_no_script_and_nothing_from_elsewhere(sink: Sink, host: FakeHost) -> None:
    async with client(sink, host) as http:
        answer = await http.get("/inbox/")

    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


async def test_what_a_mail_says_is_shown_as_text(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    await deliver(sink, main, make_mail(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>"))

    async with client(sink, host) as http:
        pages = (await http.get("/inbox")).text + (await http.get("/inbox/messages/m1")).text

    assert "<script" not in pages
    assert "<img" not in pages


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "id"),
        ("", "en-GB,id;q=0.5", "en"),
        ("", "en;q=0.2,id;q=0.9", "id"),
        ("?lang=en", "id", "en"),
        ("?lang=xx", "fr", "id"),
    ],
)
async def test_page_speaks_the_language_that_is_asked_for(
    sink: Sink, host: FakeHost, query: str, header: str, language: str
) -> None:
    async with client(sink, host) as http:
        answer = await http.get(f"/inbox{query}", headers={"Accept-Language": header})

    assert f'<html lang="{language}">' in answer.text
    assert WORDS[language]["band"] in answer.text
    assert answer.headers["content-language"] == language


def test_both_languages_have_every_word() -> None:
    assert set(WORDS["id"]) == set(WORDS["en"])
    assert choose_language(None, "en;q=nonsense,*") == "id"


async def test_pages_of_fifty_lead_on_to_older_messages(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    for _ in range(51):
        await text_to(sink, main)

    async with client(sink, host) as http:
        first = (await http.get("/inbox")).text
        second = (await http.get("/inbox?before=c2")).text
        malformed = await http.get("/inbox?before=x")

    assert (first.count("<article>"), second.count("<article>")) == (50, 1)
    assert 'href="/inbox?lang=id&amp;before=c2"' in first
    assert malformed.status_code == 400


async def test_message_page_frames_the_html_without_rights(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    await deliver(sink, main, make_mail(html="<p>Halo</p><script>alert(1)</script>"))

    async with client(sink, host) as http:
        page = (await http.get("/inbox/messages/m1")).text
        html = await http.get("/inbox/messages/m1/html")

    assert '<iframe src="/inbox/messages/m1/html" sandbox=""' in page
    assert html.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    )
    assert html.headers["x-content-type-options"] == "nosniff"


async def test_raw_message_is_served_as_it_came(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    raw = make_mail(html="<p>Halo</p>")
    await deliver(sink, main, raw)
    await text_to(sink, main)

    async with client(sink, host) as http:
        mail = await http.get("/inbox/messages/m1/raw")
        sms = await http.get("/inbox/messages/m2/raw")

    assert mail.content == raw
    assert mail.headers["content-type"] == "text/plain; charset=utf-8"
    assert mail.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert sms.json() == {"to": "+62840000001", "from": "PESERTA", "text": "Kode OTP Anda 123456."}


async def test_attachment_is_a_download(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    raw = b"Content-Type: text/html\r\nContent-Disposition: attachment; filename*=utf-8''a%0Ab.html\r\n\r\n<p>"
    await deliver(sink, main, raw)
    (message,) = (await sink.get(main, "m1"),)

    async with client(sink, host) as http:
        answer = await http.get("/inbox/messages/m1/attachments/1")
        missing = await http.get("/inbox/messages/m1/attachments/2")

    assert message is not None
    assert message.attachments[0].url == f"{BASE}/inbox/messages/m1/attachments/1"
    assert (answer.content, missing.status_code) == (b"<p>", 404)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20b.html"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize("path", ["m9", "x", "m9/raw", "m9/html", "m9/attachments/1", "m1/html", "c1", "m" + "9" * 30])
async def test_missing_message_is_404(sink: Sink, host: FakeHost, main: FakeMailbox, path: str) -> None:
    await text_to(sink, main)

    async with client(sink, host) as http:
        assert (await http.get(f"/inbox/messages/{path}")).status_code == 404


async def test_message_of_another_mailbox_is_404(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    await text_to(sink, main)

    async with client(sink, host, root_path="/w/other/inbox") as http:
        answers = [await http.get(f"/w/other/inbox/messages/m1{path}") for path in ("", "/raw")]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_token_guards_every_page(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    await deliver(sink, main, make_mail(html="<p>Halo</p>"))
    paths = ["", "/messages/m1", "/messages/m1/raw", "/messages/m1/html", "/messages/m1/attachments/1"]

    async with client(sink, host, token="rahasia") as http:
        refused = [(await http.get(f"/inbox{path}")).status_code for path in paths]
        basic = await http.get("/inbox", auth=("main", "rahasia"))
        bearer = await http.get("/inbox", headers={"Authorization": "Bearer rahasia"})

    assert refused == [401] * 5
    assert (basic.status_code, bearer.status_code) == (200, 200)
