"""The mock of the population and membership registry: asks the rows of its world, and fails when a tester wants."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from gateway.domain.fault import Fault, FaultMode
from gateway.domain.member import Member
from gateway.domain.membership_care import Link
from gateway.models.member import MembershipRow
from gateway.ports import RegistryUnavailable, Store

_LONGEST_WAIT_S = 10.0


class RegistrySimulator:
    """A PopulationRegistry. Matches all three values in one statement, so no mismatch can be told from another.

    It does not check areas, check digits or names, and it knows only people of this world.
    """

    def __init__(
        self,
        store: Store,
        take_fault: Callable[[], Awaitable[Fault | None]],
        *,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`take_fault` hands out the fault that hits the next question, if any; `wait` takes seconds of real time."""
        self._store = store
        self._take_fault = take_fault
        self._wait = wait

    async def match(self, *, kpj: str, nik: str, birth_date: date) -> Member | None:
        """The member to whom all three belong, else None.

        A DELAY answers late, a TIMEOUT fails late, an ERROR fails at once; no delay is longer than 10 s.
        Raises RegistryUnavailable.
        """
        fault = await self._take_fault()
        if fault is not None:
            await self._suffer(fault)
        async with self._store.reading():
            row = await (
                MembershipRow.filter(kpj=kpj, person__nik=nik, person__birth_date=birth_date)
                .exclude(link=Link.DISOWNED)
                .select_related("person")
                .first()
            )
        return row.person.to_domain() if row is not None else None

    async def _suffer(self, fault: Fault) -> None:
        if fault.mode is not FaultMode.ERROR and fault.delay_s > 0:
            await self._wait(min(fault.delay_s, _LONGEST_WAIT_S))
        if fault.mode is not FaultMode.DELAY:
            raise RegistryUnavailable("the registry does not answer, because a fault was injected")
