"""Service status: asked of the sources themselves, with planned faults told as outages and not used up."""

import pytest

from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.problem import Service
from gateway.services import fault, service_status
from tests.services.staged import StagedWorld


async def down(world: StagedWorld) -> set[Service]:
    return {known.service for known in await service_status.ask_all(world) if not known.available}


async def plan(world: StagedWorld, target: FaultTarget, mode: FaultMode, **given: object) -> None:
    values = {"match": None, "times": 1, "delay_s": 0.0, "status_code": None, "probability": 1.0} | given
    await fault.inject(world, target=target, mode=mode, **values)  # type: ignore[arg-type]  # a test's own values


async def test_all_is_well_in_a_new_world(world: StagedWorld) -> None:
    assert [(known.service, known.available) for known in await service_status.ask_all(world)] == [
        (Service.REGISTRY, True),
        (Service.SMS, True),
        (Service.MAIL, True),
        (Service.BANK, True),
        (Service.IDENTITY, True),
        (Service.DATABASE, True),
    ]


async def test_a_server_that_is_not_there_is_told(world: StagedWorld) -> None:
    world.reach.mail_answers = world.reach.sms_answers = False
    world.sessions.unavailable = True

    assert await down(world) == {Service.MAIL, Service.SMS, Service.IDENTITY}


@pytest.mark.parametrize("target", list(FaultTarget))
async def test_a_planned_outage_is_told_and_not_used_up(world: StagedWorld, target: FaultTarget) -> None:
    await plan(world, target, FaultMode.TIMEOUT)

    assert await down(world) == await down(world) == {Service(target.value)}
    (planned,) = await fault.list_faults(world)
    assert (planned.remaining, planned.fired) == (1, 0)


@pytest.mark.parametrize(
    ("mode", "given"),
    [(FaultMode.DELAY, {}), (FaultMode.ERROR, {"match": "siti*"}), (FaultMode.ERROR, {"probability": 0.5})],
)
async def test_what_hits_some_only_is_no_outage(world: StagedWorld, mode: FaultMode, given: dict[str, object]) -> None:
    await plan(world, FaultTarget.MAIL, mode, **given)

    assert await down(world) == set()
