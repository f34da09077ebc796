"""The bank simulator: what an account's number says, and faults of its own."""

from dataclasses import replace

import pytest

from gateway.adapters.bank import BankSimulator
from gateway.domain.claim import BankAccount
from gateway.domain.fault import Fault, FaultMode, FaultTarget
from gateway.ports import BankUnavailable

ACCOUNT = BankAccount("991", "1234567890", "Siti Fiktif")


class Faults:
    """Hands out the given faults, one a call, and keeps how long was waited."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = list(faults)
        self.waited: list[float] = []

    async def take(self) -> Fault | None:
        return self._faults.pop(0) if self._faults else None

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


def bank(*faults: Fault) -> tuple[BankSimulator, Faults]:
    planned = Faults(*faults)
    return BankSimulator(planned.take, wait=planned.wait), planned


def fault(mode: FaultMode, delay_s: float = 0) -> Fault:
    return Fault(1, FaultTarget.BANK, mode, None, 1, 0, delay_s, None, 1)


@pytest.mark.parametrize(
    ("account", "owned"),
    [
        (ACCOUNT, True),
        (replace(ACCOUNT, holder_name="SITI  FIKTIF."), True),
        (replace(ACCOUNT, holder_name="Budi Contoh"), False),
        (replace(ACCOUNT, number="1234567000"), False),
        (replace(ACCOUNT, number="1234567999"), True),
        (replace(ACCOUNT, bank_code="002"), False),
    ],
)
async def test_an_account_is_its_holders(account: BankAccount, owned: bool) -> None:
    simulator, _ = bank()

    assert await simulator.owns(account, "Siti Fiktif") is owned


async def test_a_closed_account_takes_no_transfer() -> None:
    simulator, _ = bank()

    assert await simulator.transfer(ACCOUNT, 1, "JHT-1")
    assert not await simulator.transfer(replace(ACCOUNT, number="1234567999"), 1, "JHT-1")


@pytest.mark.parametrize(
    ("planned", "waited"),
    [
        (fault(FaultMode.ERROR, 3), []),
        (fault(FaultMode.TIMEOUT, 3), [3]),
        (fault(FaultMode.TIMEOUT, 60), [10]),
    ],
)
async def test_a_fault_keeps_the_bank_from_answering_once(planned: Fault, waited: list[float]) -> None:
    simulator, faults = bank(planned)

    with pytest.raises(BankUnavailable):
        await simulator.owns(ACCOUNT, "Siti Fiktif")

    assert faults.waited == waited
    assert await simulator.owns(ACCOUNT, "Siti Fiktif")


async def test_a_delay_answers_late() -> None:
    simulator, faults = bank(fault(FaultMode.DELAY, 2))

    assert await simulator.transfer(ACCOUNT, 1, "JHT-1")
    assert faults.waited == [2]
