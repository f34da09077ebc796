"""A world's clock over the control API: it stands, jumps and runs on, never goes back, and due jobs run on the way."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from tests.e2e.conftest import at_main, new_world
from tests.e2e.journey import UCOKS_PASSWORD, Journey
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e

CLOCK = "{ world { clock { now frozen offset } } }"
FREEZE = "mutation($at: DateTime) { freezeClock(at: $at) { now frozen } }"
ADVANCE = "mutation($by: Duration!) { advanceClock(by: $by) { clock { now frozen offset } jobsRun } }"
RESUME = "mutation { resumeClock { now frozen } }"


async def test_a_frozen_clock_stands_until_it_runs_on_from_there(budi: Journey) -> None:
    at = "2100-01-01T00:00:00Z"

    frozen = (await budi.command(FREEZE, {"at": at}))["freezeClock"]
    later = (await budi.command(CLOCK))["world"]["clock"]
    resumed = (await budi.command(RESUME))["resumeClock"]
    running = (await budi.command(CLOCK))["world"]["clock"]

    assert frozen == {"now": at, "frozen": True}
    assert (later["now"], later["frozen"]) == (at, True)
    assert resumed["frozen"] is False
    moments = [datetime.fromisoformat(text) for text in (at, resumed["now"], running["now"])]
    assert moments[0] <= moments[1] < moments[2] < moments[0] + timedelta(minutes=1)


async def test_a_frozen_clock_jumps_exactly(budi: Journey) -> None:
    at = (await budi.command(FREEZE, {"at": None}))["freezeClock"]["now"]

    moved = (await budi.command(ADVANCE, {"by": "P1DT2H"}))["advanceClock"]["clock"]

    assert datetime.fromisoformat(moved["now"]) - datetime.fromisoformat(at) == timedelta(days=1, hours=2)
    assert moved["frozen"] is True


async def test_time_never_goes_back(budi: Journey) -> None:
    before = (await budi.command(CLOCK))["world"]["clock"]["now"]

    refused = await budi.control_ask(FREEZE, {"at": "2020-01-01T00:00:00Z"})

    assert refused["errors"][0]["extensions"] == {"code": "CONFLICT", "field": "at"}
    after = (await budi.command(CLOCK))["world"]["clock"]
    assert (after["frozen"], after["now"] > before) == (False, True)


@pytest.mark.parametrize("by", ["PT0S", "-PT1S", "P101Y", "kemarin", ""])
async def test_a_jump_that_cannot_be_is_refused(budi: Journey, by: str) -> None:
    refused = await budi.control_ask(ADVANCE, {"by": by})

    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_two_jumps_at_once_add_up(budi: Journey) -> None:
    at = (await budi.command(FREEZE, {"at": None}))["freezeClock"]["now"]

    await asyncio.gather(*(budi.command(ADVANCE, {"by": "PT1M"}) for _ in range(16)))

    now = (await budi.command(CLOCK))["world"]["clock"]["now"]
    assert datetime.fromisoformat(now) - datetime.fromisoformat(at) == timedelta(minutes=16)


async def test_due_jobs_run_in_their_order_before_the_answer(budi: Journey) -> None:
    ucok, siti = budi.of("ucok"), budi.of("siti")
    await budi.command(FREEZE, {"at": None})
    for _ in range(5):
        await ucok.sign_in("kopi-tanpa-gula")
    await ucok.advance("PT1M")
    await siti.start()

    jobs = await budi.advance("PT1H")

    assert [job.split()[0] for job in jobs if not job.startswith("courier")] == [
        "account.unlocked",
        "registration.expired",
    ]
    assert (await ucok.sign_in(UCOKS_PASSWORD))["errors"] == []


async def test_another_worlds_clock_does_not_move(lite: Server, http: httpx.AsyncClient, budi: Journey) -> None:
    other = await new_world(http, lite)

    await budi.advance("P365D")
    mains = (await at_main(http, lite).command(CLOCK))["world"]["clock"]
    others = (await other.command(CLOCK))["world"]["clock"]
    own = (await budi.command(CLOCK))["world"]["clock"]

    assert (mains["offset"], others["offset"]) == ("PT0S", "PT0S")
    assert own["offset"] == "P365D"


async def test_two_years_on_the_world_still_lives_and_the_provider_follows(budi: Journey) -> None:
    await budi.advance("P730D")

    ucok = budi.of("ucok")
    viewer = await ucok.view(await ucok.access(UCOKS_PASSWORD))

    assert viewer["data"]["viewer"]["account"]["status"] == "ACTIVE"


async def test_tokens_of_a_world_with_real_token_time_follow_the_real_clock(
    lite: Server, http: httpx.AsyncClient
) -> None:
    ucok = (await new_world(http, lite, tokenTime="REAL")).of("ucok")
    access = await ucok.access(UCOKS_PASSWORD)

    await ucok.advance("P1D")

    assert "errors" not in await ucok.view(access)
