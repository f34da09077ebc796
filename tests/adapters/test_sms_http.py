"""SMS over HTTP: what is posted, what a refusal means."""

import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from gateway.adapters.sms_http import HttpSmsSender
from gateway.domain.message import MessageKind, OutgoingSms
from gateway.ports import DeliveryFailed, SmsSender
from tests.fakes import RecordingSmsSender

SMS = OutgoingSms("outbox-8.a", MessageKind.OTP, "+6284000000001", "Kode Anda 123456. Berlaku 5 menit.")


class Gateway:
    """Answers `status` and writes down what it takes."""

    def __init__(self) -> None:
        self.status = 201
        self.asked: list[httpx.Request] = []
        self.taken: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.status < 300:
            self.taken.append(request)
        return httpx.Response(self.status, json={"error": {"code": "X", "message": "no 123456"}})


class Connections:
    """Posts to `answer`."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        return self._answer(httpx.Request("POST", url, content=content, headers=dict(headers)))


def sender_to(answer: Callable[[httpx.Request], httpx.Response], password: str | None = None) -> HttpSmsSender:
    return HttpSmsSender(Connections(answer), url="http://127.0.0.1:8400/sms", world_id="w7", password=password)


@pytest.mark.parametrize("kind", ["fake", "real"])
async def test_sent_sms_is_taken_once_and_a_refusal_keeps_nothing(kind: str) -> None:
    fake, gateway = RecordingSmsSender(), Gateway()
    sender: SmsSender = fake if kind == "fake" else sender_to(gateway)

    await sender.send(SMS)
    fake.refusal, gateway.status = DeliveryFailed("down", permanent=False), 503
    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(SMS)

    assert not caught.value.permanent
    assert len(fake.sent if kind == "fake" else gateway.taken) == 1


async def test_posted_message_names_world_kind_and_id() -> None:
    gateway = Gateway()

    await sender_to(gateway).send(SMS)

    request = gateway.asked[0]
    assert (request.method, str(request.url)) == ("POST", "http://127.0.0.1:8400/sms")
    assert request.headers["Authorization"] == httpx.BasicAuth("w7", "w7")._auth_header
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {
        "id": "outbox-8.a",
        "to": "+6284000000001",
        "from": "PESERTA",
        "text": "Kode Anda 123456. Berlaku 5 menit.",
        "kind": "OTP",
    }


async def test_password_is_the_control_token_where_one_is_set() -> None:
    gateway = Gateway()

    await sender_to(gateway, password="s3cret").send(SMS)

    assert gateway.asked[0].headers["Authorization"] == httpx.BasicAuth("w7", "s3cret")._auth_header


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (413, True), (422, True), (401, False), (408, False), (429, False), (302, False), (500, False)],
)
async def test_refusal_says_whether_to_try_again_and_quotes_nothing(status: int, permanent: bool) -> None:
    gateway = Gateway()
    gateway.status = status

    with pytest.raises(DeliveryFailed) as caught:
        await sender_to(gateway).send(SMS)

    assert caught.value.permanent is permanent
    assert str(caught.value) == f"the SMS gateway answered {status}"
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError("refused"), EOFError("cut"), ValueError("odd"), TimeoutError("slow")]
)
async def test_unreachable_gateway_is_worth_another_try(error: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(DeliveryFailed) as caught:
        await sender_to(fail).send(SMS)

    assert not caught.value.permanent
    assert "123456" not in str(caught.value)
