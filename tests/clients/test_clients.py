"""The public test suite of GraphQL over HTTP, and two real clients, against a started server."""

import asyncio

import pytest

from tests.clients.conftest import Clients, Edge

pytestmark = pytest.mark.e2e


async def test_every_audit_of_graphql_http_passes(clients: Clients, edge: Edge):
    results = await clients.run("audit.mjs", edge.graphql)

    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61


@pytest.mark.parametrize(("script", "scheme"), [("sockets.mjs", "ws"), ("events.mjs", "http")])
async def test_real_client_subscribes_queries_and_leaves(clients: Clients, edge: Edge, script: str, scheme: str):
    url = edge.graphql.replace("http", scheme, 1)

    seen = await clients.run(script, url, "Bearer good")

    assert seen["events"] == [1, 2, 3, 4, 5, 0]
    assert seen["query"]["data"] == {"echo": "hai"}
    assert seen["mutation"]["data"] == {"step": {"flow": {"state": "DONE"}, "errors": []}}
    assert seen["viewer"]["data"] == {"viewer": "s1"}
    assert seen["refused"] == ["GRAPHQL_VALIDATION_FAILED"]
    async with asyncio.timeout(5):
        await edge.ticker.gone.wait()


@pytest.mark.parametrize(("script", "scheme"), [("sockets.mjs", "ws"), ("events.mjs", "http")])
async def test_real_client_with_a_dead_token_reads_what_needs_none(
    clients: Clients, edge: Edge, script: str, scheme: str
):
    seen = await clients.run(script, edge.graphql.replace("http", scheme, 1), "Bearer dead")

    assert seen["query"]["data"] == {"echo": "hai"}
    assert seen["viewer"]["data"] == {"viewer": None}
    assert seen["viewer"]["errors"][0]["extensions"] == {"reason": "EXPIRED", "code": "UNAUTHENTICATED"}
