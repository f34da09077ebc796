"""The public audits of GraphQL over HTTP, on both endpoints of a started sandbox, and the two real clients."""

import asyncio
from pathlib import Path

import pytest

from tests.clients.conftest import Clients, clients
from tests.e2e.journey import Journey

__all__ = ["clients"]

pytestmark = pytest.mark.e2e
FOLDER = Path(__file__).parents[1] / "clients"


@pytest.mark.parametrize("endpoint", ["graphql", "control"])
async def test_every_audit_of_graphql_http_passes(clients: Clients, budi: Journey, endpoint: str) -> None:
    results = await clients.run("audit.mjs", budi.graphql if endpoint == "graphql" else budi.control)

    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61


@pytest.mark.parametrize(("script", "scheme"), [("flow_by_socket.mjs", "ws"), ("flow_by_events.mjs", "http")])
async def test_a_real_client_follows_a_sign_up_and_its_messages(
    clients: Clients, budi: Journey, script: str, scheme: str
) -> None:
    await budi.start()
    member, control = (url.replace("http", scheme, 1) for url in (budi.graphql, budi.control))

    following = asyncio.create_task(clients.run(script, member, control, budi.token))
    await budi.verify()
    await budi.set_password()
    await budi.activate()
    seen = await following

    assert seen["states"][-1] == "ACTIVE"
    assert seen["states"] == [state for state in _ORDER if state in seen["states"]]
    assert seen["kinds"] == ["OTP", "ACTIVATION"]


_ORDER = ["AWAITING_OTP", "AWAITING_PASSWORD", "AWAITING_ACTIVATION", "ACTIVE"]
