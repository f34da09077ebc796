"""The SMS gateway over HTTP: mailboxes, refusals, repeats and faults."""

import httpx
import pytest
from starlette.types import ASGIApp

from mailsink.host import FaultMode
from mailsink.messages import Channel, MessageFilter, MessageKind
from mailsink.sink import Sink
from mailsink.web import create_sms_app
from tests.mailsink.conftest import FakeHost, FakeMailbox

EVERYTHING = MessageFilter()
SMS = {"to": "0840000001", "from": "PESERTA", "text": "Kode OTP Anda 123456, berlaku 5 menit.", "id": "otp-1"}


def client(app: ASGIApp, root_path: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400")


async def test_sms_is_stored_and_understood(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    async with client(create_sms_app(sink, host)) as http:
        answer = await http.post("/", json=SMS | {"kind": "STEP_UP"})

    assert (answer.status_code, answer.json()) == (201, {"id": "m1", "status": "delivered"})
    (message,) = await sink.find(main, EVERYTHING)
    assert (message.channel, message.kind, message.code) == (Channel.SMS, MessageKind.STEP_UP, "123456")
    assert (message.to, message.sender, message.subject) == (("+62840000001",), "PESERTA", None)


async def test_repeat_of_an_id_is_stored_once(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    async with client(create_sms_app(sink, host)) as http:
        answers = [await http.post("/", json=SMS) for _ in range(2)]

    assert [answer.json()["id"] for answer in answers] == ["m1", "m1"]
    assert await sink.count(main, EVERYTHING) == 1


async def test_user_name_names_the_mailbox_and_unknown_is_401(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    async with client(create_sms_app(sink, host)) as http:
        known = await http.post("/", json=SMS, auth=("other", "anything"))
        unknown = await http.post("/", json=SMS, auth=("nobody", "anything"))
        unreadable = await http.post("/", json=SMS, headers={"Authorization": "Basic !!!"})

    assert (known.status_code, unknown.status_code, unreadable.status_code) == (201, 401, 401)
    assert unknown.json()["error"]["code"] == "UNKNOWN_MAILBOX"
    assert unknown.headers["www-authenticate"].startswith("Basic ")
    assert await sink.count(host.mailboxes["other"], EVERYTHING) == 1
    assert await sink.count(main, EVERYTHING) == 0


async def test_address_names_the_mailbox_and_an_unknown_one_is_404(sink: Sink, host: FakeHost) -> None:
    app = create_sms_app(sink, host)

    async with client(app, "/w/other/sms") as http:
        assert (await http.post("/w/other/sms", json=SMS)).status_code == 201
    async with client(app, "/w/nobody/sms") as http:
        assert (await http.post("/w/nobody/sms", json=SMS)).status_code == 404

    assert await sink.count(host.mailboxes["other"], EVERYTHING) == 1


async def test_token_is_asked_for(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    async with client(create_sms_app(sink, host, token="rahasia")) as http:
        refused = [
            await http.post("/", json=SMS),
            await http.post("/", json=SMS, auth=("main", "salah")),
            await http.post("/", json=SMS, headers={"Authorization": "Bearer salah"}),
        ]
        assert await sink.count(main, EVERYTHING) == 0
        accepted = await http.post("/", json=SMS, auth=("main", "rahasia"))

    assert [answer.status_code for answer in refused] == [401, 401, 401]
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    ("content", "status_code", "code"),
    [
        (b"{", 400, "INVALID_JSON"),
        (b'{"text": "x"}', 422, "INVALID_FIELD"),
        (b'{"to": "0840000001", "text": "%s"}' % (b"x" * 2_000), 413, "TEXT_TOO_LONG"),
        (b'{"to": "0840000001", "text": "%s"}' % (b"x" * 70_000), 413, "BODY_TOO_LARGE"),
    ],
)
async def test_wrong_request_is_refused_in_one_sentence(
    sink: Sink, host: FakeHost, main: FakeMailbox, content: bytes, status_code: int, code: str
) -> None:
    async with client(create_sms_app(sink, host)) as http:
        answer = await http.post("/", content=content)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status_code, code)
    assert answer.json()["error"]["message"].count(".") == 1
    assert await sink.count(main, EVERYTHING) == 0


async def test_other_method_and_other_path_are_refused(sink: Sink, host: FakeHost) -> None:
    async with client(create_sms_app(sink, host)) as http:
        assert (await http.get("/")).status_code == 405
        assert (await http.post("/x", json=SMS)).status_code == 404


@pytest.mark.parametrize(
    ("mode", "status_code", "answered"),
    [
        (FaultMode.REJECT, None, 503),
        (FaultMode.ERROR, 429, 429),
        (FaultMode.ERROR, 200, 503),
        (FaultMode.TIMEOUT, None, 503),
        (FaultMode.DISCONNECT, None, 503),
        (FaultMode.DROP, None, 201),
        (FaultMode.DELAY, None, 201),
    ],
)
async def test_fault_decides_the_answer_and_nothing_arrives(
    sink: Sink, host: FakeHost, main: FakeMailbox, mode: FaultMode, status_code: int | None, answered: int
) -> None:
    main.inject(mode, delay_s=60, status_code=status_code)

    async with client(create_sms_app(sink, host)) as http:
        answer = await http.post("/", json=SMS)

    assert answer.status_code == answered
    assert await sink.count(main, EVERYTHING) == 0
