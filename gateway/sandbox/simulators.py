"""Both simulators of this process, and what every world gets from them; implements `bootstrap.Simulators`."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.bootstrap import FetchKeys
from gateway.ports import Inbox, Sessions
from gateway.sandbox.directory import WorldRealms
from gateway.sandbox.inbox import SinkInbox
from gateway.sandbox.mailboxes import WorldMailboxes
from gateway.sandbox.reach import Registry
from gateway.sandbox.sessions import RealmSessions
from gateway.world import World
from mailsink.sink import Sink
from mockidp import sessions as provider_sessions
from mockidp.app import Provider


class Simulators:
    """One mail sink and one identity provider for all worlds of the process."""

    def __init__(self, *, personas_shown: bool) -> None:
        self.registry = Registry()
        self.mailboxes = WorldMailboxes(self.registry)
        self.realms = WorldRealms(self.registry, personas_shown=personas_shown)
        self.sink = Sink(self.mailboxes)
        self.provider = Provider(self.realms)
        self._sessions = provider_sessions.Sessions(self.provider)

    def inbox(self, world_id: str) -> Inbox:
        """The world's caught messages."""
        return SinkInbox(self.sink, self.registry, world_id)

    def sessions(self, world_id: str) -> Sessions:
        """The provider's sessions of one world."""
        return RealmSessions(self._sessions, self.realms, self.registry, world_id)

    def fetch_keys(self, world_id: str) -> FetchKeys:
        """The world's published keys, asked of the provider in process."""

        async def fetch() -> Mapping[str, Any]:  # Any: JSON, checked by the verifier
            async with self.registry.using(world_id) as world:
                state = await self.provider.states.of(self.realms.realm(world))
            published: Mapping[str, Any] = orjson.loads(state.jwks)
            return published

        return fetch

    def forget(self, world: World) -> None:
        """A world was closed, reset or deleted: nothing of it is kept in memory."""
        self.sink.forget(world.id)

    async def close(self) -> None:
        """Take no more messages; those under way are stored first."""
        await self.sink.close()
