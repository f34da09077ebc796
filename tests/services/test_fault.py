"""Planned faults: which hit, how often, and by what chance."""

import pytest

from gateway.domain.fault import Fault, FaultMode, FaultTarget
from gateway.domain.problem import Rejected
from gateway.services import fault
from tests.services.staged import StagedWorld, kept, stage

SMS, MAIL, REGISTRY = FaultTarget.SMS, FaultTarget.MAIL, FaultTarget.REGISTRY


async def inject(world: StagedWorld, target: FaultTarget = SMS, **known: object) -> Fault:
    plain: dict[str, object] = {
        "mode": FaultMode.ERROR,
        "match": None,
        "times": 1,
        "delay_s": 0.0,
        "status_code": None,
        "probability": 1.0,
    }
    return await fault.inject(world, target=target, **(plain | known))  # type: ignore[arg-type]


async def hits(world: StagedWorld, times: int, target: FaultTarget = SMS, recipient: str = "+62840") -> list[bool]:
    return [await fault.take(world, target=target, recipient=recipient) is not None for _ in range(times)]


async def test_world_without_faults_is_hit_by_none(world: StagedWorld) -> None:
    assert await hits(world, 2) == [False, False]
    assert list(await fault.list_faults(world)) == []


async def test_fault_hits_as_often_as_planned(world: StagedWorld) -> None:
    planned = await inject(world, times=2, delay_s=1.5, status_code=503)

    taken = await fault.take(world, target=SMS)

    assert taken is not None
    assert (taken.id, taken.mode, taken.delay_s, taken.status_code) == (planned.id, FaultMode.ERROR, 1.5, 503)
    assert await hits(world, 3) == [True, False, False]
    assert [(known.remaining, known.fired) for known in await fault.list_faults(world)] == [(0, 2)]
    assert not world.faults.any(SMS)


async def test_fault_without_end_hits_every_time(world: StagedWorld) -> None:
    await inject(world, times=None)

    assert await hits(world, 5) == [True] * 5
    assert [(known.remaining, known.fired) for known in await fault.list_faults(world)] == [(None, 5)]


async def test_fault_hits_its_target_only(world: StagedWorld) -> None:
    await inject(world, MAIL)

    assert await hits(world, 1, SMS) + await hits(world, 1, REGISTRY) + await hits(world, 1, MAIL) == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("match", "recipient", "hit"),
    [
        ("*@peserta.test", "Budi@Peserta.test", True),
        ("BUDI@*", "budi@peserta.test", True),
        ("b?di@peserta.test", "budi@peserta.test", True),
        ("budi", "budi@peserta.test", False),
        ("*@other.test", "budi@peserta.test", False),
    ],
)
async def test_match_is_a_glob_on_the_recipient(world: StagedWorld, match: str, recipient: str, hit: bool) -> None:
    await inject(world, MAIL, match=match)

    assert await hits(world, 1, MAIL, recipient) == [hit]
    assert [known.fired for known in await fault.list_faults(world)] == [int(hit)]


async def test_faults_are_asked_in_the_order_they_were_planned(world: StagedWorld) -> None:
    first, second = await inject(world), await inject(world)

    taken = [await fault.take(world, target=SMS) for _ in range(3)]

    assert [known and known.id for known in taken] == [first.id, second.id, None]


async def test_chance_follows_the_seed(world: StagedWorld) -> None:
    await inject(world, times=None, probability=0.5)

    rolled = await hits(world, 12)

    assert rolled == [world.ids.draw("fault:1", number) < 0.5 for number in range(1, 13)]
    assert 0 < sum(rolled) < 12


async def test_chance_of_nothing_never_hits_and_keeps_its_times(world: StagedWorld) -> None:
    await inject(world, times=1, probability=0)

    assert await hits(world, 3) == [False] * 3
    assert [(known.remaining, known.fired) for known in await fault.list_faults(world)] == [(1, 0)]


async def test_cleared_fault_hits_no_more(world: StagedWorld) -> None:
    first, _, _ = await inject(world), await inject(world), await inject(world, MAIL)

    assert await fault.clear(world, fault_id=first.id) == 1
    assert await fault.clear(world, fault_id=first.id) == 0
    assert await hits(world, 2) == [True, False]
    assert await fault.clear(world, fault_id=None) == 2
    assert await hits(world, 1, MAIL) == [False]
    assert list(await fault.list_faults(world)) == []


async def test_faults_are_known_again_when_a_world_is_opened(world: StagedWorld) -> None:
    await inject(world)
    again = stage(world.store, world.passwords)  # type: ignore[arg-type]
    assert not again.faults.any(SMS)

    await fault.load_index(again)

    assert again.faults.any(SMS) and not again.faults.any(MAIL)
    assert await hits(again, 2) == [True, False]


@pytest.mark.parametrize("mode", sorted(set(FaultMode) - {FaultMode.DELAY, FaultMode.ERROR, FaultMode.TIMEOUT}))
async def test_mode_that_the_registry_has_not_is_refused(world: StagedWorld, mode: FaultMode) -> None:
    with pytest.raises(Rejected) as caught:
        await inject(world, REGISTRY, mode=mode)

    assert (caught.value.code, caught.value.extensions) == ("BAD_USER_INPUT", {"field": "mode"})
    assert (await kept(world))["FaultRow"] == []


async def test_messages_have_every_mode(world: StagedWorld) -> None:
    for target in (SMS, MAIL):
        for mode in FaultMode:
            assert (await inject(world, target, mode=mode)).mode is mode


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"times": 0}, "times"),
        ({"times": 1_000_001}, "times"),
        ({"delay_s": -1.0}, "delay"),
        ({"status_code": 399}, "statusCode"),
        ({"status_code": 600}, "statusCode"),
        ({"probability": 1.01}, "probability"),
        ({"probability": float("nan")}, "probability"),
        ({"match": ""}, "match"),
        ({"match": "x" * 255}, "match"),
    ],
)
async def test_number_out_of_range_is_refused(world: StagedWorld, known: dict[str, object], field: str) -> None:
    with pytest.raises(Rejected) as caught:
        await inject(world, **known)

    assert (caught.value.code, caught.value.text) == ("BAD_USER_INPUT", "fault.out_of_range")
    assert caught.value.extensions == {"field": field}
    assert (await kept(world))["FaultRow"] == []
