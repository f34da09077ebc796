"""Worlds as mailboxes: what mailsink needs of its host."""

from datetime import datetime

from starlette.types import Scope

from gateway.domain.fault import FaultTarget
from gateway.sandbox.reach import OpenWorlds, WorldReach, find_world
from gateway.services import fault as faults
from gateway.world import World
from mailsink.host import Fault, FaultMode
from mailsink.messages import Channel


class WorldMailbox(WorldReach):
    """One world's mailbox; implements mailsink's MailboxHost."""

    @property
    def name(self) -> str:
        """The mailbox is named like its world."""
        return self.id

    @property
    def base_url(self) -> str:
        """The address of the world's inbox page."""
        return self.world.urls.inbox

    def now(self) -> datetime:
        """World time."""
        return self.world.clock.now()

    async def fault(self, channel: Channel, recipient: str) -> Fault | None:
        """The fault that a tester planned for this recipient, counted as fired."""
        target = FaultTarget.SMS if channel is Channel.SMS else FaultTarget.MAIL
        if not self.world.faults.any(target):
            return None
        async with self._worlds.using(self.id) as world:
            hit = await faults.take(world, target=target, recipient=recipient)
        return Fault(FaultMode[hit.mode.name], hit.delay_s, hit.status_code) if hit is not None else None

    def wake(self) -> None:
        """A held message got a due time: the world's worker looks again."""
        self.world.agenda.clock_moved()


class WorldMailboxes:
    """All worlds as mailboxes; implements mailsink's Host."""

    def __init__(self, worlds: OpenWorlds) -> None:
        self._worlds = worlds

    async def mailbox(self, name: str) -> WorldMailbox | None:
        """The mailbox of the world that a client named; None: there is none."""
        world = await find_world(self._worlds, name)
        return WorldMailbox(self._worlds, world) if world is not None else None

    async def mailbox_of(self, scope: Scope) -> WorldMailbox | None:
        """The mailbox of the world that the gateway has found for this request."""
        world: World = scope["state"]["world"]
        return WorldMailbox(self._worlds, world)
