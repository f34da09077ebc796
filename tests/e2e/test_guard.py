"""A web page elsewhere must not reach us: foreign origins, rebound names, cross-site sockets, and the control token."""

import asyncio
import base64
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.conftest import Start, at_main
from tests.e2e.journey import UCOKS_PASSWORD, Journey
from tests.e2e.server import Server, launched
from tests.e2e.streams import open_socket

pytestmark = pytest.mark.e2e

TOKEN = "rahasia-untuk-uji-kendali"
FOREIGN = [
    "https://jahat.example",
    "null",
    "http://127.0.0.1.jahat.example",
    "http://localhost.jahat.example:8400",
    "http://jahat.example/http://127.0.0.1",
    "http://127.0.0.1@jahat.example",
    "http://jahat-127.0.0.1",
    "file://",
]
CONTROL_SIDE = ["/control/graphql", "/inbox", "/inbox/", "/sms"]


def address(server: Server, path: str) -> str:
    """An address of the server."""
    return f"{server.line['portal']}{path}"


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_site_is_refused_everywhere(lite: Server, http: httpx.AsyncClient, origin: str) -> None:
    body, preflight = {"query": "{ __typename }"}, {"Origin": origin, "Access-Control-Request-Method": "POST"}

    answers = []
    for path in ("/graphql", *CONTROL_SIDE, "/"):
        answers.append(await http.post(address(lite, path), json=body, headers={"Origin": origin}))
        answers.append(await http.options(address(lite, path), headers=preflight))

    assert {answer.status_code for answer in answers} == {403}
    assert not any("access-control-allow-origin" in answer.headers for answer in answers)


@pytest.mark.parametrize("host", ["jahat.example", "127.0.0.1.jahat.example", "localhost.", "jahat.example:80", "@"])
async def test_a_rebound_name_is_refused(lite: Server, http: httpx.AsyncClient, host: str) -> None:
    paths = ("/graphql", "/control/graphql", "/inbox", "/idp/jwks", "/", "/w/x/graphql")

    answers = [await http.get(address(lite, path), headers={"Host": host}) for path in paths]

    assert {answer.status_code for answer in answers} == {421}


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_socket_from_another_site_is_refused(lite: Server, origin: str) -> None:
    for path in ("/graphql", "/control/graphql"):
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(address(lite, path), origin=origin):
                pass

        assert refused.value.response.status_code == 403


async def test_a_page_on_localhost_may_read_the_member_api_and_not_the_control_api(
    lite: Server, http: httpx.AsyncClient
) -> None:
    origin = "http://localhost:3000"
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    body = {"query": "{ __typename }"}

    asked = await http.options(
        address(lite, "/graphql"), headers=preflight | {"Access-Control-Request-Headers": "content-type,authorization"}
    )
    posted = await http.post(address(lite, "/graphql"), json=body, headers={"Origin": origin})
    controlled = await http.post(address(lite, "/control/graphql"), json=body, headers={"Origin": origin})
    own = await http.post(address(lite, "/control/graphql"), json=body, headers={"Origin": lite.line["portal"]})

    assert (asked.status_code, posted.status_code) == (204, 200)
    assert asked.headers["access-control-allow-origin"] == posted.headers["access-control-allow-origin"] == origin
    assert asked.headers["access-control-allow-headers"] == "content-type,authorization"
    assert "Origin" in posted.headers["vary"]
    assert (controlled.status_code, own.status_code) == (403, 200)


async def test_named_origins_and_names_are_let_in(start: Start, http: httpx.AsyncClient) -> None:
    server = await start(
        allowed_hosts='["peserta.lan"]',
        allowed_origins='["https://app.example"]',
        control_origins='["https://uji.example"]',
    )
    body = {"query": "{ __typename }"}

    statuses = [
        (await http.post(address(server, path), json=body, headers=headers)).status_code
        for path, headers in (
            ("/graphql", {"Host": "peserta.lan"}),
            ("/graphql", {"Origin": "https://app.example"}),
            ("/control/graphql", {"Origin": "https://app.example"}),
            ("/control/graphql", {"Origin": "https://uji.example"}),
            ("/graphql", {"Origin": "https://app.example.jahat.example"}),
        )
    ]

    assert statuses == [200, 200, 403, 200, 403]


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A sandbox with a control token, which listens on loopback all the same."""
    async with launched(tmp_path_factory.mktemp("guarded"), control_token=TOKEN) as server:
        yield server


async def test_a_control_token_guards_the_control_side_alone(guarded: Server, http: httpx.AsyncClient) -> None:
    body = {"query": "{ __typename }"}

    refused = [(await http.post(address(guarded, path), json=body)).status_code for path in CONTROL_SIDE]
    wrong = await http.post(
        address(guarded, "/control/graphql"), json=body, headers={"X-Peserta-Control-Token": TOKEN + "x"}
    )
    basic = base64.b64encode(f"main:{TOKEN}".encode()).decode()
    let_in = [
        (await http.post(address(guarded, "/control/graphql"), json=body, headers=headers)).status_code
        for headers in (
            {"X-Peserta-Control-Token": TOKEN},
            {"Authorization": f"Bearer {TOKEN}"},
            {"Authorization": f"Basic {basic}"},
        )
    ]
    member = await http.post(address(guarded, "/graphql"), json=body)

    assert refused == [401] * len(CONTROL_SIDE)
    assert wrong.status_code == 401
    assert let_in == [200, 200, 200]
    assert member.status_code == 200


async def test_behind_a_control_token_the_sign_up_works_and_nobody_is_shown(
    guarded: Server, http: httpx.AsyncClient
) -> None:
    siti = Journey(http, guarded.line["graphql"], guarded.line["control"]).of("siti")
    siti.headers = {"X-Peserta-Control-Token": TOKEN}

    await siti.sign_up()
    page = await http.get(address(guarded, "/"))
    provider = await http.get(address(guarded, "/idp/authorize"), params={"client_id": "portal"})

    assert (await siti.sign_in())["errors"] == []
    for shown in (page.text, provider.text):
        assert UCOKS_PASSWORD not in shown
        assert "1271993009019008" not in shown


async def test_a_link_with_the_token_lets_a_browser_in_and_takes_it_off_the_address(
    guarded: Server, http: httpx.AsyncClient
) -> None:
    opened = await http.get(address(guarded, "/inbox/"), params={"control_token": TOKEN, "x": "1"})
    inside = await http.get(address(guarded, "/inbox/"))

    assert (opened.status_code, opened.headers["location"]) == (303, "/inbox/?x=1")
    assert "HttpOnly" in opened.headers["set-cookie"]
    assert inside.status_code == 200


def test_smtp_behind_a_control_token_needs_auth(guarded: Server) -> None:
    where = urlsplit(f"smtp://{guarded.line['smtp']}")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@peserta.test", "b@peserta.test", "tanpa nama"

    with smtplib.SMTP(where.hostname or "", where.port or 0, timeout=10) as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.send_message(mail)
        with pytest.raises(smtplib.SMTPAuthenticationError) as wrong:
            client.login("main", "main")
    with smtplib.SMTP(where.hostname or "", where.port or 0, timeout=10) as client:
        client.login("main", TOKEN)
        accepted = client.send_message(mail)

    assert (refused.value.smtp_code, wrong.value.smtp_code, accepted) == (530, 535, {})


async def test_smtp_names_the_world_by_auth(lite: Server, budi: Journey) -> None:
    where = urlsplit(f"smtp://{lite.line['smtp']}")
    world_id = budi.graphql.split("/")[-2]

    def send(user: str | None) -> int:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@peserta.test", f"{user}@peserta.test", "untuk dunia"
        mail.set_content("Kode 445566")
        with smtplib.SMTP(where.hostname or "", where.port or 0, timeout=10) as client:
            try:
                if user is not None:
                    client.login(user, user)
                client.send_message(mail)
            except smtplib.SMTPAuthenticationError as error:
                return error.smtp_code
        return 250

    statuses = [await asyncio.to_thread(send, user) for user in (world_id, "tidak-ada", None)]
    own = await budi.find(to=f"{world_id}@peserta.test")
    mains = await at_main(budi.http, lite).find(to="None@peserta.test")

    assert statuses == [250, 535, 250]
    assert own is not None and mains is not None
    assert own["code"] == mains["code"] == "445566"
    assert len(await budi.inbox()) == 1
