"""Worlds over the control API: made, read, reset and thrown away, and kept apart from each other."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from tests.e2e.conftest import Start, at_main, new_world
from tests.e2e.journey import JSON, Journey
from tests.e2e.server import Server
from tests.e2e.streams import by_events, by_socket

pytestmark = pytest.mark.e2e

WORLD = (
    "id seed createdAt lastUsedAt expiresAt tokenTime clock { now frozen offset } urls { portal control issuer smtp }"
)
CREATE = f"mutation($input: CreateWorldInput) {{ createWorld(input: $input) {{ {WORLD} }} }}"
READ = f"query($id: ID) {{ world(id: $id) {{ {WORLD} }} }}"
RESET = "mutation($world: ID) { resetWorld(world: $world) { id seed clock { frozen } messages { totalCount } } }"
DELETE = "mutation($world: ID!) { deleteWorld(world: $world) }"


def extensions(answer: JSON) -> JSON:
    """The extensions of the one top-level error."""
    (error,) = answer["errors"]
    found: JSON = error["extensions"]
    return found


def id_of(journey: Journey) -> str:
    """The id of the journey's world."""
    return journey.control.split("/")[-3]


async def test_a_world_is_made_as_asked_for(lite: Server, http: httpx.AsyncClient) -> None:
    main = at_main(http, lite)
    wanted = {"id": "dunia-1", "seed": 42, "at": "2026-03-02T05:00:00Z", "tokenTime": "REAL", "ttl": "PT2H"}

    made = (await main.command(CREATE, {"input": wanted}))["createWorld"]
    read = (await main.command(READ, {"id": "dunia-1"}))["world"]
    again = await main.control_ask(CREATE, {"input": {"id": "dunia-1"}})

    assert (made["id"], made["seed"], made["tokenTime"]) == ("dunia-1", 42, "REAL")
    assert made["clock"]["now"].startswith("2026-03-02T05:00:0")
    assert made["urls"]["portal"] == f"{lite.line['portal']}/w/dunia-1"
    assert made["urls"]["smtp"] == lite.line["smtp"]
    life = datetime.fromisoformat(made["expiresAt"]) - datetime.fromisoformat(made["createdAt"])
    assert life == timedelta(hours=2)
    assert {**read, "clock": None, "lastUsedAt": None} == {**made, "clock": None, "lastUsedAt": None}
    assert extensions(again)["code"] == "CONFLICT"


async def test_a_world_without_wishes_starts_now_for_an_hour_with_seed_1(lite: Server, http: httpx.AsyncClient) -> None:
    made = (await at_main(http, lite).command(CREATE))["createWorld"]

    assert (made["seed"], made["tokenTime"], made["clock"]["frozen"]) == (1, "WORLD", False)
    born, ends, now = (
        datetime.fromisoformat(text) for text in (made["createdAt"], made["expiresAt"], made["clock"]["now"])
    )
    assert ends - born == timedelta(hours=1)
    assert timedelta(0) <= now - born < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"id": "Besar"}, "id"),
        ({"id": "a" * 33}, "id"),
        ({"id": "../x"}, "id"),
        ({"id": ""}, "id"),
        ({"ttl": "PT0S"}, "ttl"),
        ({"at": "2326-01-01T00:00:00Z"}, "at"),
    ],
)
async def test_a_world_that_cannot_be_is_refused_and_not_made(
    lite: Server, http: httpx.AsyncClient, wanted: JSON, field: str
) -> None:
    main = at_main(http, lite)
    before = len((await main.command("{ worlds { id } }"))["worlds"])

    refused = await main.control_ask(CREATE, {"input": wanted})

    assert extensions(refused) == {"code": "BAD_USER_INPUT", "field": field}
    assert len((await main.command("{ worlds { id } }"))["worlds"]) == before


async def test_there_is_no_room_for_one_world_too_many(start: Start, http: httpx.AsyncClient) -> None:
    main = at_main(http, await start(max_worlds=2))
    await main.command(CREATE)

    refused = await main.control_ask(CREATE)

    assert extensions(refused)["code"] == "RATE_LIMITED"
    assert len((await main.command("{ worlds { id } }"))["worlds"]) == 2


async def test_one_seed_gives_one_code_and_another_seed_another(lite: Server, http: httpx.AsyncClient) -> None:
    codes = []
    for seed in (5, 5, 6):
        journey = await new_world(http, lite, id="benih", seed=seed)
        await journey.start()
        codes.append(await journey.code())
        await at_main(http, lite).command(DELETE, {"world": "benih"})

    assert codes[0] == codes[1] != codes[2]


@pytest.mark.parametrize("own", [True, False], ids=["at its own endpoint", "at main's"])
async def test_a_reset_world_is_as_on_its_first_day(lite: Server, budi: Journey, own: bool) -> None:
    await budi.sign_up()
    access = await budi.access()
    await budi.command('mutation { freezeClock { now } advanceClock(by: "P1D") { jobsRun } }')
    asked = budi if own else at_main(budi.http, lite)

    reset = (await asked.command(RESET, {"world": None if own else id_of(budi)}))["resetWorld"]

    assert (reset["seed"], reset["clock"]["frozen"], reset["messages"]["totalCount"]) == (1, False, 0)
    assert (await budi.view(access))["errors"][0]["extensions"]["reason"] == "INVALID"
    assert [error["code"] for error in (await budi.sign_in())["errors"]] == ["INVALID_CREDENTIALS"]
    budi.cursor = None
    await budi.sign_up()
    assert (await budi.sign_in())["errors"] == []


async def test_a_deleted_world_is_gone_and_main_stays(lite: Server, budi: Journey) -> None:
    main = at_main(budi.http, lite)

    deleted = await main.command(DELETE, {"world": id_of(budi)})
    again = await main.command(DELETE, {"world": id_of(budi)})
    gone = await budi.ask("{ serverTime }")
    refused = await main.control_ask(DELETE, {"world": "main"})

    assert (deleted["deleteWorld"], again["deleteWorld"]) == (True, False)
    assert extensions(gone)["code"] == "NOT_FOUND"
    assert id_of(budi) not in [world["id"] for world in (await main.command("{ worlds { id } }"))["worlds"]]
    assert extensions(refused)["code"] == "FORBIDDEN"


@pytest.mark.parametrize("operation", [RESET, DELETE], ids=["reset", "deleted"])
async def test_who_waits_in_a_world_is_let_go_when_it_ends(
    budi: Journey, http: httpx.AsyncClient, operation: str
) -> None:
    await budi.start()
    news = "subscription { message(filter: {kind: ACTIVATION}) { id } }"
    flow = "subscription($t: String!) { registrationChanged(token: $t) { state } }"
    never = '{ awaitMessage(filter: {kind: ACTIVATION}, timeout: "PT5M") { id } }'
    waiting = asyncio.create_task(budi.control_ask(never))
    async with (
        by_events(http, budi.control, news, {}) as messages,
        by_socket(http, budi.graphql, flow, {"t": budi.token}) as changes,
    ):
        await changes.next()

        await budi.control_ask(operation, {"world": id_of(budi)})

        async with asyncio.timeout(15):
            answer = await waiting
        assert await messages.ended()
        assert await changes.ended()
    assert answer["data"] is None or answer["data"]["awaitMessage"] is None


async def test_a_world_deletes_itself(budi: Journey) -> None:
    deleted = await budi.command(DELETE, {"world": id_of(budi)})

    assert deleted["deleteWorld"] is True
    assert extensions(await budi.ask("{ serverTime }"))["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "operation",
    [
        "query($id: ID!) { world(id: $id) { id } }",
        "query($id: ID!) { awaitMessage(world: $id, filter: {}) { id } }",
        "mutation($id: ID!) { resetWorld(world: $id) { id } }",
        "mutation($id: ID!) { deleteWorld(world: $id) }",
        "mutation($id: ID!) { freezeClock(world: $id) { now } }",
        'mutation($id: ID!) { advanceClock(world: $id, by: "PT1M") { jobsRun } }',
        "mutation($id: ID!) { resumeClock(world: $id) { now } }",
        "mutation($id: ID!) { injectFault(world: $id, input: {target: SMS, mode: DROP}) { id } }",
        "mutation($id: ID!) { clearFaults(world: $id) }",
    ],
)
async def test_another_world_at_a_worlds_own_endpoint_is_forbidden(budi: Journey, operation: str) -> None:
    refused = await budi.control_ask(operation, {"id": "main"})

    assert extensions(refused)["code"] == "FORBIDDEN"


async def test_a_world_makes_no_other_one_and_lists_itself_alone(budi: Journey) -> None:
    refused = await budi.control_ask(CREATE)
    listed = await budi.command("{ worlds { id } }")

    assert extensions(refused)["code"] == "FORBIDDEN"
    assert listed["worlds"] == [{"id": id_of(budi)}]


async def test_the_ten_people_are_there_with_their_stages(budi: Journey) -> None:
    asked = "{ world { personas { key kpj kpjs nik birthDate phone email stage password } } }"
    await budi.reach_activation()

    people = (await budi.command(asked))["world"]["personas"]

    stages = {person["key"]: person["stage"] for person in people}
    active = {key for key, stage in stages.items() if stage == "ACTIVE"}
    assert (len(people), active) == (10, {"ucok", "laras", "yohana"})
    assert stages["budi"] == "AWAITING_ACTIVATION"
    assert {person["key"] for person in people if person["password"]} == active
    assert {name: people[0][name] for name in budi.form} == budi.form


async def test_a_world_ends_with_its_time(lite: Server, http: httpx.AsyncClient) -> None:
    short = await new_world(http, lite, ttl="PT1S")
    await short.find("PT1S", to="nobody@peserta.test")

    answer = await short.ask("{ serverTime }")

    assert extensions(answer)["code"] == "NOT_FOUND"
