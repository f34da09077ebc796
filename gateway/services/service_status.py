"""Which sources answer right now: asked, not remembered. Faults that a tester planned count like outages."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.problem import Service
from gateway.models.expressions import Q
from gateway.models.fault import FaultRow
from gateway.models.world import WorldRow
from gateway.ports import IdentityUnavailable
from gateway.world import World

_OUTAGES = (FaultMode.ERROR, FaultMode.TIMEOUT, FaultMode.DISCONNECT, FaultMode.REJECT)
_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A source and whether it answers."""

    service: Service
    available: bool


async def ask_all(world: World) -> Sequence[ServiceStatus]:
    """Every source, asked side by side; one that says nothing within 2 s (real time, assumed) is not available.

    A fault that hits all calls or recipients is told as an outage, and is not used up by the question.
    """
    asked = {
        Service.REGISTRY: _registry(world),
        Service.SMS: _sms(world),
        Service.MAIL: _mail(world),
        Service.BANK: _bank(world),
        Service.IDENTITY: _identity(world),
        Service.DATABASE: _database(world),
    }
    answers = await asyncio.gather(*(_in_time(answer) for answer in asked.values()))
    return [ServiceStatus(service, answer) for service, answer in zip(asked, answers, strict=True)]


async def _in_time(answer: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await answer
    except TimeoutError:
        return False


async def _registry(world: World) -> bool:
    return not await _is_out(world, FaultTarget.REGISTRY)


async def _bank(world: World) -> bool:
    return not await _is_out(world, FaultTarget.BANK)


async def _sms(world: World) -> bool:
    return not await _is_out(world, FaultTarget.SMS) and await world.reach.sms()


async def _mail(world: World) -> bool:
    return not await _is_out(world, FaultTarget.MAIL) and await world.reach.mail()


async def _identity(world: World) -> bool:
    try:
        # Any session will do: what matters is that the provider answers the question.
        await world.sessions.is_live("status")
    except IdentityUnavailable:
        return False
    return True


async def _database(world: World) -> bool:
    async with world.store.reading():
        return await WorldRow.filter(id=world.id).exists()


async def _is_out(world: World, target: FaultTarget) -> bool:
    if not world.faults.any(target):
        return False
    async with world.store.reading():
        live = FaultRow.filter(Q(remaining=None) | Q(remaining__gt=0), target=target, mode__in=list(_OUTAGES))
        return await live.filter(Q(match=None) | Q(match="*"), probability__gte=1).exists()
