"""The mock of the population and membership registry: asks the rows of its world, and fails when a tester wants."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from gateway.domain.fault import Fault, FaultMode
from gateway.domain.member import Member
from gateway.domain.membership_care import Link
from gateway.models.member import MembershipRow, PersonRow
from gateway.models.prepared import find_one
from gateway.ports import RegistryUnavailable, Store

_LONGEST_WAIT_S = 10.0


class RegistrySimulator:
    """A PopulationRegistry. Every question does the same work, so no mismatch can be told from another.

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
            person = await find_one(PersonRow, nik=nik, birth_date=birth_date)
            membership = await find_one(MembershipRow, kpj=kpj)
        theirs = person is not None and membership is not None and membership.person_id == person.id
        owned = theirs and membership is not None and membership.link != Link.DISOWNED
        return person.to_domain() if person is not None and owned else None

    async def _suffer(self, fault: Fault) -> None:
        if fault.mode is not FaultMode.ERROR and fault.delay_s > 0:
            await self._wait(min(fault.delay_s, _LONGEST_WAIT_S))
        if fault.mode is not FaultMode.DELAY:
            raise RegistryUnavailable("the registry does not answer, because a fault was injected")
