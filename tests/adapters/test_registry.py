"""The mock registry: all three values together or nothing, and its faults."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.registry import RegistrySimulator
from gateway.domain.fault import Fault, FaultMode, FaultTarget
from gateway.ports import RegistryUnavailable
from tests.services.seeded import seeded_world

KPJ, OTHER_KPJ, NIK, BORN = "99260000001", "99260000101", "3171991403889001", date(1988, 3, 14)


class PlannedFaults:
    """Hands out one fault, then none; keeps how long somebody was made to wait."""

    def __init__(self, fault: Fault | None = None) -> None:
        self._left = [fault] if fault else []
        self.waits: list[float] = []

    async def take(self) -> Fault | None:
        return self._left.pop() if self._left else None

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def _fault(mode: FaultMode, delay_s: float = 0) -> Fault:
    return Fault(1, FaultTarget.REGISTRY, mode, None, 1, 0, delay_s, None, 1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Any]:
    async with seeded_world(tmp_path / "data") as world:
        yield world.store


@pytest.mark.parametrize("kpj", [KPJ, OTHER_KPJ])
async def test_any_kpj_of_a_person_matches_with_nik_and_birth_date(store: Any, kpj: str) -> None:
    member = await RegistrySimulator(store, PlannedFaults().take).match(kpj=kpj, nik=NIK, birth_date=BORN)

    assert member is not None
    assert (member.nik, member.full_name) == (NIK, "Budi Contoh")


@pytest.mark.parametrize(
    ("kpj", "nik", "birth_date"),
    [
        ("99260000002", NIK, BORN),
        (KPJ, "3273996207919002", BORN),
        (KPJ, NIK, date(1988, 3, 15)),
        ("00000000000", "0000000000000000", date(1900, 1, 1)),
    ],
)
async def test_one_wrong_value_matches_nobody(store: Any, kpj: str, nik: str, birth_date: date) -> None:
    registry = RegistrySimulator(store, PlannedFaults().take)

    assert await registry.match(kpj=kpj, nik=nik, birth_date=birth_date) is None


@pytest.mark.parametrize(
    ("mode", "delay_s", "waits"),
    [(FaultMode.ERROR, 0, []), (FaultMode.ERROR, 5, []), (FaultMode.TIMEOUT, 0, []), (FaultMode.TIMEOUT, 60, [10])],
)
async def test_an_outage_is_told_and_passes(store: Any, mode: FaultMode, delay_s: float, waits: list[float]) -> None:
    faults = PlannedFaults(_fault(mode, delay_s))
    registry = RegistrySimulator(store, faults.take, wait=faults.wait)

    with pytest.raises(RegistryUnavailable):
        await registry.match(kpj=KPJ, nik=NIK, birth_date=BORN)
    assert faults.waits == waits
    assert await registry.match(kpj=KPJ, nik=NIK, birth_date=BORN) is not None


async def test_a_delay_answers_late_but_not_later_than_ten_seconds(store: Any) -> None:
    faults = PlannedFaults(_fault(FaultMode.DELAY, 3_600))
    registry = RegistrySimulator(store, faults.take, wait=faults.wait)

    assert await registry.match(kpj=KPJ, nik=NIK, birth_date=BORN) is not None
    assert faults.waits == [10]


@pytest.mark.postgres
async def test_the_same_match_is_made_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    async with seeded_world(tmp_path, postgres_url) as world:
        registry = RegistrySimulator(world.store, PlannedFaults().take)
        member = await registry.match(kpj=KPJ, nik=NIK, birth_date=BORN)
        nobody = await registry.match(kpj=KPJ, nik=NIK, birth_date=date(1988, 3, 15))

    assert member is not None
    assert (member.birth_date, nobody) == (BORN, None)
