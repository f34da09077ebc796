"""`kill -9` at any moment: what was acknowledged is there after the restart, and each message arrives exactly once."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.crash.proxy import CutWire
from tests.e2e.conftest import at_main, new_world, open_client
from tests.e2e.journey import Journey
from tests.e2e.server import Server, launch

pytestmark = pytest.mark.e2e

ROUNDS = 4
WORLDS = 6
STEPS = ("start", "verify", "set_password", "activate", "sign_in")
STATE = "query($t: String!) { registration(token: $t) { state } }"
REACHED = {
    "start": ["AWAITING_OTP", "AWAITING_PASSWORD"],
    "verify": ["AWAITING_PASSWORD", "AWAITING_ACTIVATION"],
    "set_password": ["AWAITING_ACTIVATION", "ACTIVE"],
    "activate": ["ACTIVE"],
    "sign_in": ["ACTIVE"],
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client."""
    async with open_client() as client:
        yield client


@dataclass
class Death:
    """Kills the server at the n-th acknowledgement of any journey."""

    server: Server
    left: int

    def acknowledged(self) -> None:
        """One more answer came; the last one that may come kills at once."""
        self.left -= 1
        if self.left == 0:
            self.server.process.send_signal(signal.SIGKILL)


@dataclass
class Life:
    """A journey in a world of its own and the steps of it that were acknowledged."""

    journey: Journey
    done: list[str] = field(default_factory=list)
    access: str = ""

    async def go_on(self, death: Death | None = None) -> None:
        """Walk until the end or the crash."""
        for step in STEPS[len(self.done) :]:
            payload = await getattr(self.journey, step)()
            assert payload["errors"] == [], (step, payload)
            self.access = payload["session"]["accessToken"] if step == "sign_in" else ""
            self.done.append(step)
            if death is not None:
                death.acknowledged()

    async def go_on_until_killed(self, death: Death) -> None:
        """Walk; a cut connection is the expected end."""
        with suppress(httpx.TransportError):
            await self.go_on(death)

    async def state(self) -> str | None:
        """Where the flow stands; None while none was acknowledged."""
        if not self.journey.token:
            return None
        found: str = (await self.journey.ask(STATE, {"t": self.journey.token}))["data"]["registration"]["state"]
        return found

    async def check_kept(self) -> None:
        """What was acknowledged is there. One step more may have been committed while its answer was cut."""
        state = await self.state()
        if self.done:
            assert state in REACHED[self.done[-1]], (self.done, state)
        if self.access:
            assert "errors" not in await self.journey.view(self.access)

    async def catch_up(self) -> None:
        """Take up the steps that were committed while their answer was cut, as a person would by looking."""
        state = await self.state()
        for step, states in REACHED.items():
            if state == states[0] and step not in (*self.done, "start", "sign_in"):
                self.done = [*STEPS[: STEPS.index(step)], step]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> dict[str, object]:
    """The settings for one kind of database."""
    return {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}


async def test_killed_at_many_moments_nothing_acknowledged_is_lost_and_every_message_comes_once(
    tmp_path: Path, http: httpx.AsyncClient, database: dict[str, object]
) -> None:
    chance = random.Random(20_260_302)
    server = await launch(tmp_path, **database)
    settings = database | {"port": server.line["portal"].rpartition(":")[2]}
    try:
        for _ in range(ROUNDS // 2 if database else ROUNDS):
            lives = [Life(await new_world(http, server)) for _ in range(WORLDS)]
            death = Death(server, chance.randint(1, WORLDS * len(STEPS) - 1))
            await asyncio.gather(*(life.go_on_until_killed(death) for life in lives))
            assert await server.ended() == -signal.SIGKILL
            server = await launch(tmp_path, **settings)
            await asyncio.gather(*(finish(life) for life in lives))
    finally:
        await server.end()


async def finish(life: Life) -> None:
    """After the restart: nothing is missing, the way goes on to its end, and two messages came, each once."""
    await life.check_kept()
    await life.catch_up()
    # What was read before the crash may have to be read again.
    life.journey.cursor = None
    codes = 1
    if not life.done and await form_was_kept(life.journey):
        codes = 2
    await life.go_on()
    await life.journey.advance("PT1S")

    kinds = [message["kind"] for message in await life.journey.inbox()]
    assert kinds == ["ACTIVATION"] + ["OTP"] * codes, (life.done, kinds)


async def form_was_kept(journey: Journey) -> bool:
    """Whether a form was committed whose answer was cut; its token is lost, so another one follows it.

    The first one's code comes all the same, and holds the second form back for the cool-down.
    """
    world = await journey.command("{ world { personas { key stage } } }")
    stages = {persona["key"]: persona["stage"] for persona in world["world"]["personas"]}
    if stages["budi"] == "UNREGISTERED":
        return False
    await journey.code()
    await journey.advance("PT1M")
    return True


@pytest.mark.parametrize("channel", ["SMS", "EMAIL"])
async def test_killed_between_handing_over_and_noting_it_a_message_comes_once(
    tmp_path: Path, http: httpx.AsyncClient, channel: str
) -> None:
    wire = CutWire(b"HTTP/1.1 201" if channel == "SMS" else b"250 2.0.0 Ok:")
    address = await wire.open()
    own = {"sms_url": f"http://{address}/sms"} if channel == "SMS" else {"smtp_server": address}
    server = await launch(tmp_path, **own)
    try:
        where = server.line["smtp"] if channel == "EMAIL" else server.line["portal"].removeprefix("http://")
        wire.target = ("127.0.0.1", int(where.rpartition(":")[2]))
        budi = at_main(http, server)
        answered = await (budi.start() if channel == "SMS" else _to_activation(budi))
        async with asyncio.timeout(15):
            await wire.heard.wait()
        server.process.send_signal(signal.SIGKILL)
        await server.ended()

        server = await launch(tmp_path)
        again = at_main(http, server)
        again.token = budi.token
        jobs = await again.advance("PT1S")
        kinds = [message["kind"] for message in await again.inbox()]
    finally:
        await server.end()
        await wire.close()

    assert answered["errors"] == []
    assert kinds == (["OTP"] if channel == "SMS" else ["ACTIVATION", "OTP"]), jobs


async def _to_activation(budi: Journey) -> dict[str, object]:
    await budi.reach_password()
    return await budi.set_password()


async def test_killed_while_the_other_side_is_down_the_messages_wait_and_come_once(
    tmp_path: Path, http: httpx.AsyncClient
) -> None:
    server = await launch(tmp_path, sms_url="http://127.0.0.1:1/", smtp_server="127.0.0.1:1")
    try:
        budi = at_main(http, server)
        answered = await budi.start()
        server.process.send_signal(signal.SIGKILL)
        await server.ended()

        server = await launch(tmp_path)
        again = at_main(http, server)
        again.token = budi.token
        verified = await again.verify()
        await again.advance("PT1M")
        kinds = [message["kind"] for message in await again.inbox()]
    finally:
        await server.end()

    assert (answered["errors"], verified["errors"]) == ([], [])
    assert kinds == ["OTP"]
