"""Worlds: reading one, making one, throwing one away, and moving its clock."""

from datetime import datetime, timedelta

import strawberry

from gateway import world as worlds
from gateway.domain.page import page_request
from gateway.services import clock as clocks
from gateway.services import fault as faults
from gateway.services import message as messages
from gateway.services import persona as personas
from gateway.world import TokenTime
from schema.context import Context
from schema.control.fault import Fault
from schema.control.message import Message, MessageFilter
from schema.control.persona import Persona
from schema.control.reach import check_reach, reach
from schema.page import Connection, to_connection
from schema.scalars import URL

strawberry.enum(
    TokenTime, description="Which clock tokens follow. OIDC clients check by their own: REAL keeps them working."
)

Info = strawberry.Info[Context, None]


@strawberry.type(description="World time: it moves on with real time unless frozen, and never goes back.")
class Clock:
    """`offset` is how far it is ahead of real time."""

    now: datetime
    frozen: bool
    offset: timedelta

    @staticmethod
    def of(world: worlds.World) -> "Clock":
        """The clock as it stands."""
        return Clock(now=world.clock.now(), frozen=world.clock.frozen, offset=world.clock.offset)


@strawberry.type(description="A moved clock and the jobs that ran on the way, in order of their due time.")
class ClockAdvance:
    """Everything listed is done."""

    clock: Clock
    jobs_run: list[str]


@strawberry.type(description="Where a world is reached.")
class WorldUrls:
    """No address ends with a slash."""

    portal: URL
    graphql: URL
    subscriptions: URL
    control: URL
    inbox: URL
    issuer: URL
    smtp: str
    sms: URL

    @staticmethod
    def of(urls: worlds.WorldUrls) -> "WorldUrls":
        """The addresses of a world."""
        return WorldUrls(
            portal=URL(urls.portal),
            graphql=URL(urls.graphql),
            subscriptions=URL(urls.subscriptions),
            control=URL(urls.control),
            inbox=URL(urls.inbox),
            issuer=URL(urls.issuer),
            smtp=urls.smtp,
            sms=URL(urls.sms),
        )


@strawberry.type(description="Everything that one run can touch: two tests in two worlds cannot meet.")
class World:
    """`createdAt`, `lastUsedAt` and `expiresAt` are real time."""

    source: strawberry.Private[worlds.World]

    id: strawberry.ID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime | None
    seed: int = strawberry.field(description="Drives minted people, faults, names and OTP codes; never tokens or keys.")
    clock: Clock
    token_time: TokenTime
    urls: WorldUrls

    @staticmethod
    def of(world: worlds.World, context: Context) -> "World":
        """The world as a tester reads it."""
        info = context.worlds.info(world)
        return World(
            source=world,
            id=strawberry.ID(world.id),
            created_at=info.created_at,
            last_used_at=info.last_used_at,
            expires_at=info.expires_at,
            seed=info.seed,
            clock=Clock.of(world),
            token_time=info.token_time,
            urls=WorldUrls.of(world.urls),
        )

    @strawberry.field(description="The fictitious people of this world.")
    async def personas(self, info: Info) -> list[Persona]:
        """Thin: one service call."""
        async with reach(info.context, self.id) as meant:
            known = await personas.list_personas(meant)
        return [Persona.of(persona, info.context.locale) for persona in known]

    @strawberry.field(description="Caught mail and SMS, newest first.")
    async def messages(
        self,
        info: Info,
        filter: MessageFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Message]:
        """Thin: one service call."""
        request = page_request(first, after, last, before)
        wanted = (filter or MessageFilter()).to_domain()
        async with reach(info.context, self.id) as meant:
            page = await messages.list_messages(meant, wanted=wanted, request=request)
        return to_connection(page, Message.of)

    @strawberry.field(description="Planned faults, spent ones too.")
    async def faults(self, info: Info) -> list[Fault]:
        """Thin: one service call."""
        async with reach(info.context, self.id) as meant:
            return [Fault.of(planned) for planned in await faults.list_faults(meant)]

    @strawberry.field(description="A mark of now: pass it as `after` to hear only of what comes next.")
    async def cursor(self, info: Info) -> str:
        """Thin: one service call."""
        async with reach(info.context, self.id) as meant:
            return await messages.cursor(meant)


@strawberry.input(description="The world to be made; without anything a fresh one with seed 1 for an hour.")
class CreateWorldInput:
    """`at` absent starts it at real now; `ttl` is real time."""

    id: strawberry.ID | None = strawberry.field(default=None, description="[a-z0-9][a-z0-9-]{0,31}; absent: a new one.")
    seed: int | None = 1
    at: datetime | None = None
    token_time: TokenTime = TokenTime.WORLD
    ttl: timedelta | None = timedelta(hours=1)


@strawberry.type
class WorldQuery:
    """Reading worlds."""

    @strawberry.field(description="One world; absent id: this endpoint's own.")
    async def world(self, info: Info, id: strawberry.ID | None = None) -> World | None:
        """Thin: one look-up."""
        async with reach(info.context, id) as meant:
            return World.of(meant, info.context)

    @strawberry.field(description="Every world of this process; at another world's endpoint only that one.")
    async def worlds(self, info: Info) -> list[World]:
        """Thin: one look-up for each world."""
        context = info.context
        found = []
        for world_id in await context.worlds.list_ids() if context.main else [context.world.id]:
            async with reach(context, world_id) as meant:
                found.append(World.of(meant, context))
        return found


@strawberry.type
class WorldMutation:
    """Making worlds and moving their clocks."""

    @strawberry.mutation(description="Make a world in milliseconds; only at main's endpoint.")
    async def create_world(self, info: Info, input: CreateWorldInput | None = None) -> World:
        """Thin: one call of the registry."""
        context, wanted = info.context, input or CreateWorldInput()
        check_reach(context, "main")
        new = worlds.NewWorld(
            id=wanted.id,
            seed=1 if wanted.seed is None else wanted.seed,
            at=wanted.at,
            token_time=wanted.token_time,
            ttl=wanted.ttl,
        )
        async with context.worlds.using(await context.worlds.create(new)) as made:
            return World.of(made, context)

    @strawberry.mutation(description="Back to its seed: its people, no messages, new keys, the clock at its start.")
    async def reset_world(self, info: Info, world: strawberry.ID | None = None) -> World:
        """Thin: one call of the registry."""
        context, world_id = info.context, check_reach(info.context, world)
        await context.worlds.reset(world_id)
        async with context.worlds.using(world_id) as made:
            return World.of(made, context)

    @strawberry.mutation(description="Throw a world away; main stays. False: there was none.")
    async def delete_world(self, info: Info, world: strawberry.ID) -> bool:
        """Thin: one call of the registry."""
        return await info.context.worlds.delete(check_reach(info.context, world))

    @strawberry.mutation(description="Stop the clock, now or at a later moment. Earlier than now is CONFLICT.")
    async def freeze_clock(self, info: Info, world: strawberry.ID | None = None, at: datetime | None = None) -> Clock:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            await clocks.freeze(meant, at=at)
            return Clock.of(meant)

    @strawberry.mutation(description="Move the clock on; due jobs run in order before it answers.")
    async def advance_clock(self, info: Info, by: timedelta, world: strawberry.ID | None = None) -> ClockAdvance:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            jobs_run = await clocks.advance(meant, by=by)
            return ClockAdvance(clock=Clock.of(meant), jobs_run=jobs_run)

    @strawberry.mutation(description="Let the clock run on from where it stands.")
    async def resume_clock(self, info: Info, world: strawberry.ID | None = None) -> Clock:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            await clocks.resume(meant)
            return Clock.of(meant)
