"""A throw-away schema and worlds in memory: what the frame and the web edge are tried on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import cast

import strawberry

from gateway.adapters.bus import InProcessBus
from gateway.domain.account import Caller, Viewer
from gateway.domain.policy import Policy
from gateway.domain.problem import Code, Problem, Refusal, Rejected, Service
from gateway.world import FaultIndex, NewWorld, World, WorldInfo, WorldUrls
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.execution import Executor
from schema.frame import make_schema
from schema.scalars import JSON, URL, Rate, Rupiah, YearMonth
from tests.fakes import NOON, FixedClock

Info = strawberry.Info[Context, None]
SECRET = "3171234567890001"


class CountingIds:
    """Tokens that a test can foresee."""

    def __init__(self) -> None:
        self.made = 0

    def token(self) -> str:
        self.made += 1
        return f"trace-{self.made}"


def make_world(world_id: str = "main") -> World:
    """A world that has time and ids, and nothing else that an edge would touch."""
    base = "http://localhost:8400" + ("" if world_id == "main" else f"/w/{world_id}")
    urls = WorldUrls(
        portal=base,
        graphql=f"{base}/graphql",
        subscriptions=f"{base}/graphql",
        control=f"{base}/control/graphql",
        inbox=f"{base}/inbox",
        issuer=f"{base}/idp",
        smtp="localhost:2525",
        sms=f"{base}/sms",
    )
    given: dict[str, object] = {
        "id": world_id,
        "seed": 1,
        "urls": urls,
        "limits": Policy(),
        "clock": FixedClock(),
        "ids": CountingIds(),
        "bus": InProcessBus(),
        "faults": FaultIndex(),
    }
    return World(**{name: given.get(name) for name in World.__slots__})  # type: ignore[arg-type]


class FakeWorlds:
    """Worlds in memory; `in_use` counts who is inside, so that a test sees a world given back."""

    def __init__(self, *ids: str) -> None:
        self.worlds = {world_id: make_world(world_id) for world_id in ("main", *ids)}
        self.in_use: dict[str, int] = {}

    @asynccontextmanager
    async def using(self, world_id: str) -> AsyncIterator[World]:
        world = self.worlds.get(world_id)
        if world is None:
            raise Rejected("NOT_FOUND", "world.not_found", params={"id": world_id})
        self.in_use[world_id] = self.in_use.get(world_id, 0) + 1
        try:
            yield world
        finally:
            self.in_use[world_id] -= 1

    # The edge opens worlds and never changes them: a call of these four fails the test that makes it.
    def info(self, world: World) -> WorldInfo:
        raise NotImplementedError

    async def list_ids(self) -> Sequence[str]:
        return tuple(self.worlds)

    async def create(self, wanted: NewWorld) -> str:
        raise NotImplementedError

    async def reset(self, world_id: str) -> None:
        raise NotImplementedError

    async def delete(self, world_id: str) -> bool:
        raise NotImplementedError


class FakeTokens:
    """Takes "good" for subject s1; counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def viewer_of(self, world: World, access_token: str) -> Viewer:
        self.asked += 1
        await asyncio.sleep(0)
        if access_token != "good":
            raise Rejected("UNAUTHENTICATED", "request.unauthenticated", extensions={"reason": "EXPIRED"})
        return Viewer(subject="s1", session_id="sid1")


def make_context(world: World | None = None, tokens: FakeTokens | None = None, **given: object) -> Context:
    """A context as the edge makes it; the language is English unless `locale` says otherwise."""
    caller = Caller(locale=cast("str", given.pop("locale", "en")))
    viewer_of = (tokens or FakeTokens()).viewer_of
    return Context(world or make_world(), FakeWorlds(), caller, viewer_of=viewer_of, **given)  # type: ignore[arg-type]


@strawberry.type
class Flow:
    state: str


@strawberry.input
class StepInput:
    code: str = ""


@strawberry.type
class StepPayload:
    flow: Flow | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class CountPayload:
    count: int = 0
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class Nested:
    name: str = "n"

    @strawberry.field
    def self(self) -> "Nested":
        return Nested()


PROBLEMS = {
    "RATE_LIMITED": Problem(Code.RATE_LIMITED, retry_at=NOON + timedelta(seconds=59, milliseconds=1)),
    "ACCOUNT_LOCKED": Problem(Code.ACCOUNT_LOCKED, retry_at=NOON - timedelta(seconds=1)),
    "OTP_INVALID": Problem(Code.OTP_INVALID, ("code",), attempts_left=3),
    "FLOW_EXPIRED": Problem(Code.FLOW_EXPIRED, state="EXPIRED"),
    "SERVICE_UNAVAILABLE": Problem(Code.SERVICE_UNAVAILABLE, service=Service.REGISTRY),
    "REQUIRED": Problem(Code.REQUIRED, ("code",)),
}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def nested(self) -> Nested:
        return Nested()

    @strawberry.field
    def echo(self, text: str = "") -> str:
        return text

    @strawberry.field
    def rupiah(self, amount: Rupiah) -> Rupiah:
        return amount

    @strawberry.field
    def day(self, on: date) -> date:
        return on

    @strawberry.field
    def instant(self, at: datetime) -> datetime:
        return at

    @strawberry.field
    def length(self, of: timedelta) -> timedelta:
        return of

    @strawberry.field
    def month(self, of: YearMonth) -> YearMonth:
        return of

    @strawberry.field
    def rate(self, of: Rate) -> Rate:
        return of

    @strawberry.field
    def url(self, of: URL) -> URL:
        return of

    @strawberry.field
    def json(self, of: JSON) -> JSON:
        return of

    @strawberry.field
    def who(self, info: Info) -> str:
        return info.context.locale + ":" + info.context.world.id

    @strawberry.field
    async def viewer(self, info: Info) -> str | None:
        viewer = await info.context.viewer()
        return viewer.subject if viewer else None

    @strawberry.field
    async def required(self, info: Info) -> str | None:
        return (await info.context.require_viewer()).subject

    @strawberry.field(directives=[SemanticNonNull()])
    def broken(self) -> str | None:
        raise ValueError(f"no such column for nik {SECRET}")

    @strawberry.field
    def too_big(self) -> int | None:
        return 2**40

    @strawberry.field
    def unavailable(self) -> str | None:
        raise Rejected("UNAVAILABLE", "request.unavailable") from OSError("connect to db:5432 refused")

    @strawberry.field
    def limited(self) -> str | None:
        raise Rejected("RATE_LIMITED", "request.unavailable", extensions={"retryAfterSeconds": 7})


@strawberry.type
class Mutation:
    @strawberry.mutation(
        extensions=[RefusalsAsData(StepPayload, subject="flow", convert=lambda state, _: Flow(state=state))]
    )
    async def step(self, info: Info, input: StepInput) -> StepPayload | None:
        if input.code == "WRONG_STEP":
            raise Refusal(Problem(Code.WRONG_STEP, state="AWAITING_OTP"), subject="AWAITING_OTP")
        if input.code in PROBLEMS:
            raise Refusal(PROBLEMS[input.code], PROBLEMS["REQUIRED"])
        if input.code == "BROKEN":
            raise RuntimeError(SECRET)
        return StepPayload(flow=Flow(state="DONE"))

    @strawberry.mutation(extensions=[RefusalsAsData(CountPayload)])
    def count(self) -> CountPayload | None:
        raise Refusal(Problem(Code.INVALID_CREDENTIALS))

    @strawberry.mutation
    def remember(self, info: Info, value: str) -> str | None:
        info.context.set_cookie("refresh", value, "/graphql", 60)
        return info.context.cookie("refresh")

    @strawberry.mutation
    def forget(self, info: Info) -> bool:
        info.context.signal_cookie_clear("refresh", "/graphql")
        return True


@dataclass
class Ticker:
    """Feeds `ticks` one by one and says when its subscribers are gone."""

    release: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: Info, to: int = 3) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def waits(self, info: Info) -> AsyncIterator[int]:
        ticker = TICKERS[info.context.world.id]
        try:
            yield 0
            await ticker.release.wait()
            yield 1
        finally:
            ticker.gone.set()

    @strawberry.subscription
    async def refused(self, info: Info) -> AsyncIterator[int]:
        await info.context.require_viewer()
        yield 1

    @strawberry.subscription
    async def breaks(self, info: Info) -> AsyncIterator[int]:
        yield 1
        raise ValueError(SECRET)


# Tests that watch a subscription end put their ticker here under a world id of their own.
TICKERS: dict[str, Ticker] = {}


def make_toy() -> Executor:
    """An executor over a schema of its own."""
    return Executor(make_schema(Query, Mutation, Subscription))


MIDNIGHT = datetime(2026, 3, 14, 0, 0, tzinfo=UTC)
