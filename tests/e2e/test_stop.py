"""SIGINT and SIGTERM end everything cleanly, whatever is open, and nothing that was acknowledged is lost."""

import asyncio
import json
import signal
import smtplib
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.conftest import Start, at_main
from tests.e2e.journey import Journey
from tests.e2e.server import Server
from tests.e2e.streams import by_events, open_socket

pytestmark = pytest.mark.e2e

NEWS = "subscription { message(filter: {}) { id } }"
STILL_WAITING = '{ awaitMessage(filter: {to: "siapa@peserta.test"}, timeout: "PT5M") { id } }'
FAULT = "mutation { injectFault(input: {target: SMS, mode: ERROR, times: null}) { id } }"


def open_smtp(server: Server) -> smtplib.SMTP:
    """A client in the middle of a conversation."""
    where = urlsplit(f"smtp://{server.line['smtp']}")
    client = smtplib.SMTP(where.hostname or "", where.port or 0, timeout=10)
    client.ehlo()
    client.mail("a@peserta.test")
    return client


async def wait_until_waiting(journey: Journey) -> "asyncio.Task[httpx.Response]":
    """A request that waits for a message that never comes; the server has it once another answer came."""
    body = {"query": STILL_WAITING}
    waiting = asyncio.create_task(journey.http.post(journey.control, json=body))
    await journey.find("PT0.05S", to="niemand@peserta.test")
    return waiting


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_busy_server_cleanly(
    start: Start, http: httpx.AsyncClient, number: signal.Signals
) -> None:
    server = await start()
    budi = at_main(http, server)
    client = await asyncio.to_thread(open_smtp, server)
    async with open_socket(budi.control) as socket, by_events(http, budi.control, NEWS, {}) as events:
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": NEWS}}))
        waiting = await wait_until_waiting(budi)
        began = asyncio.get_running_loop().time()

        code = await server.end(number)

        took_s = asyncio.get_running_loop().time() - began
        stream_ended = await events.ended()
        await socket.wait_closed()
        answer = await waiting
    await asyncio.to_thread(client.close)

    assert (code, server.complaints.read_text()) == (0, "")
    # The promise is two seconds; the bound is generous, for the machine may be busy with other tests.
    assert took_s < 5
    assert stream_ended
    assert socket.close_code in (1001, 1012)
    assert answer.status_code in (200, 503)


async def test_a_second_signal_changes_nothing(start: Start) -> None:
    server = await start()

    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGINT)

    assert (await server.ended(), server.complaints.read_text()) == (0, "")


async def test_what_was_acknowledged_before_a_stop_goes_on_after_it(start: Start, http: httpx.AsyncClient) -> None:
    first = await start()
    budi = at_main(http, first)
    world_id = (await budi.command('mutation { createWorld(input: {id: "lanjut"}) { id } }'))["createWorld"]["id"]
    other = Journey(http, budi.graphql.replace("/graphql", f"/w/{world_id}/graphql"), "")
    other.control = budi.control.replace("/control", f"/w/{world_id}/control")
    for journey in (budi, other):
        await journey.command(FAULT)
        await journey.start()
    await other.command("mutation { freezeClock { now } }")
    clock = "{ world { clock { now frozen } seed messages { totalCount } } }"
    before = await other.command(clock)

    await first.end()
    second = await start()
    again = at_main(http, second)
    again.token, other.token = budi.token, other.token
    other.graphql = again.graphql.replace("/graphql", f"/w/{world_id}/graphql")
    other.control = again.control.replace("/control", f"/w/{world_id}/control")
    after = await other.command(clock)

    assert after == before
    for journey in (again, other):
        await journey.command("mutation { clearFaults }")
        verified = await journey.verify()
        assert verified["registration"]["state"] == "AWAITING_PASSWORD"
        assert len(await journey.inbox()) == 1


async def test_a_session_lives_through_a_restart(start: Start, http: httpx.AsyncClient) -> None:
    first = await start()
    budi = at_main(http, first)
    await budi.sign_up()
    session = (await budi.sign_in())["session"]
    port = first.line["portal"].rpartition(":")[2]

    await first.end()
    again = at_main(http, await start(port=port))
    viewer = await again.view(session["accessToken"])
    refreshed = await again.mutate("refreshSession", {"refreshToken": session["refreshToken"]})

    assert viewer["data"]["viewer"]["account"]["kpj"] == budi.form["kpj"]
    assert refreshed["errors"] == []
