"""The mock of the banks: who owns an account, and transfers that go through or not, told by the account's number."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.domain.bank import load_banks
from gateway.domain.claim import BankAccount
from gateway.domain.fault import Fault, FaultMode
from gateway.ports import BankUnavailable

# Numbers that end so belong to nobody, and take no transfer. Source: assumed for the sandbox (docs/simulators.md).
NOBODYS: Final = "000"
CLOSED: Final = "999"
_LONGEST_WAIT_S: Final = 10.0


class BankSimulator:
    """Implements `ports.BankGateway`. No money moves, and no account is kept: what counts is the number alone."""

    def __init__(
        self,
        take_fault: Callable[[], Awaitable[Fault | None]],
        *,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`take_fault` hands out the fault that hits the next call, if any; `wait` takes seconds of real time."""
        self._take_fault = take_fault
        self._wait = wait

    async def owns(self, account: BankAccount, full_name: str) -> bool:
        """Whether the account exists and is held by that person. Raises BankUnavailable."""
        await self._suffer()
        known = any(bank.code == account.bank_code for bank in load_banks())
        same_name = _plain(account.holder_name) == _plain(full_name)
        return known and same_name and not account.number.endswith(NOBODYS)

    async def transfer(self, account: BankAccount, amount_idr: int, reference: str) -> bool:  # noqa: ARG002  # the port's
        """Whether the money arrived; a repeat with the same reference sends none again. Raises BankUnavailable."""
        await self._suffer()
        return not account.number.endswith(CLOSED)

    async def _suffer(self) -> None:
        """A DELAY answers late, a TIMEOUT fails late, an ERROR fails at once; no delay is longer than 10 s."""
        fault = await self._take_fault()
        if fault is None:
            return
        if fault.mode is not FaultMode.ERROR and fault.delay_s > 0:
            await self._wait(min(fault.delay_s, _LONGEST_WAIT_S))
        if fault.mode is not FaultMode.DELAY:
            raise BankUnavailable("the bank does not answer, because a fault was injected")


def _plain(name: str) -> str:
    """A name as banks compare it: letters and digits, whatever the case."""
    return "".join(character for character in name.casefold() if character.isalnum())
