"""A claim on JHT: what it is, the states it goes through, and when it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from gateway.domain.channel import ClaimChannel
from gateway.domain.claim_document import ClaimReason
from gateway.domain.decision import Decision
from gateway.domain.document import Document, RequiredDocument
from gateway.domain.working_days import office_opens_at

# Source: Permenaker 4/2022, payment at most 5 working days after complete and correct (domain notes 4.1).
CLAIM_SLA_DAYS: Final = 5
# How long the agency waits for what is to be mended. Source: assumed for the sandbox.
FIX_DAYS: Final = 14
INTERVIEW_AFTER_OPENING: Final = timedelta(hours=2)
_MINUTES: Final = timedelta(minutes=5)
_HOUR: Final = timedelta(hours=1)
# A transfer that the bank did not answer is tried again. Source: assumed for the sandbox.
TRANSFER_RETRY: Final = timedelta(hours=1)


class ClaimState(StrEnum):
    """Where a claim stands. PAID, REJECTED and CANCELLED are ends. Source: domain notes 4.5 (assumed)."""

    SUBMITTED = "SUBMITTED"
    DOCUMENT_CHECK = "DOCUMENT_CHECK"
    NEEDS_FIX = "NEEDS_FIX"
    INTERVIEW_SCHEDULED = "INTERVIEW_SCHEDULED"
    VERIFIED = "VERIFIED"
    APPROVED = "APPROVED"
    PAYMENT_PROCESS = "PAYMENT_PROCESS"
    PAID = "PAID"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


ENDS: Final = frozenset({ClaimState.PAID, ClaimState.REJECTED, ClaimState.CANCELLED})
# A claim can be taken back until it is verified, and while its money has nowhere to go. Source: assumed.
CANCELLABLE: Final = frozenset(
    {
        ClaimState.SUBMITTED,
        ClaimState.DOCUMENT_CHECK,
        ClaimState.NEEDS_FIX,
        ClaimState.INTERVIEW_SCHEDULED,
        ClaimState.PAYMENT_FAILED,
    }
)

# What a claim's owner is told on entering a state; three sentences each.
NOTICES: Final[Mapping[ClaimState, str]] = {
    ClaimState.SUBMITTED: "jht.submitted",
    ClaimState.DOCUMENT_CHECK: "jht.document_check",
    ClaimState.NEEDS_FIX: "jht.needs_fix",
    ClaimState.INTERVIEW_SCHEDULED: "jht.interview_scheduled",
    ClaimState.VERIFIED: "jht.verified",
    ClaimState.APPROVED: "jht.approved",
    ClaimState.PAYMENT_PROCESS: "jht.payment_process",
    ClaimState.PAID: "jht.paid",
    ClaimState.PAYMENT_FAILED: "jht.payment_failed",
    ClaimState.CANCELLED: "jht.cancelled",
}
REJECTED_DOCUMENT: Final = "jht.rejected_document"
REJECTED_NOT_FIXED: Final = "jht.rejected_not_fixed"
REJECTED_NO_BALANCE: Final = "jht.rejected_no_balance"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the money goes; `number` is digits alone. Never logged."""

    bank_code: str
    number: str
    holder_name: str

    @property
    def masked_number(self) -> str:
        """The last four digits: ****6789. Source: domain notes 7 (assumed)."""
        return f"****{self.number[-4:]}"


@dataclass(frozen=True, slots=True)
class ClaimEvent:
    """A state that a claim entered; `note` names the decision whose first sentence tells of it."""

    at: datetime
    state: ClaimState
    note: Decision | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as its owner sees it. Money in whole rupiah; `events` oldest first."""

    id: int
    person_id: int
    number: str
    reason: ClaimReason
    channel: ClaimChannel
    state: ClaimState
    gross: int
    tax: int
    bank_account: BankAccount
    submitted_at: datetime
    sla_due_at: datetime | None
    paid_at: datetime | None
    interview_at: datetime | None
    decision: Decision | None
    kpjs: tuple[str, ...]
    documents: tuple[Document, ...]
    requirements: tuple[RequiredDocument, ...]
    events: tuple[ClaimEvent, ...]

    @property
    def net(self) -> int:
        """What reaches the member."""
        return self.gross - self.tax

    @property
    def can_cancel(self) -> bool:
        """Whether its owner may still take it back."""
        return self.state in CANCELLABLE


def next_state(state: ClaimState, channel: ClaimChannel) -> ClaimState | None:
    """Where a claim goes when all is well; None where it waits for its owner or has ended.

    A claim by phone skips the interview. Source: domain notes 4.5.
    """
    path = [
        ClaimState.SUBMITTED,
        ClaimState.DOCUMENT_CHECK,
        *(() if channel is ClaimChannel.MOBILE else (ClaimState.INTERVIEW_SCHEDULED,)),
        ClaimState.VERIFIED,
        ClaimState.APPROVED,
        ClaimState.PAYMENT_PROCESS,
        ClaimState.PAID,
    ]
    following = dict(pairwise(path))
    return following.get(state)


def step_at(state: ClaimState, channel: ClaimChannel, entered_at: datetime) -> datetime | None:
    """When a claim that entered `state` goes on; None where it ends or waits for its owner without limit.

    By phone it takes one working day, else four, so that five are kept; what is to be mended may take 14 days.
    Source: 5 working days are the law's (domain notes 4.1); the pace within them is assumed for the sandbox.
    """
    if state is ClaimState.NEEDS_FIX:
        return entered_at + timedelta(days=FIX_DAYS)
    if state is ClaimState.SUBMITTED:
        return entered_at + _MINUTES
    if state is ClaimState.DOCUMENT_CHECK:
        return office_opens_at(entered_at, 1)
    if state is ClaimState.INTERVIEW_SCHEDULED:
        return interview_at(entered_at)
    if state in (ClaimState.VERIFIED, ClaimState.PAYMENT_PROCESS) and channel is not ClaimChannel.MOBILE:
        return office_opens_at(entered_at, 1)
    if state in (ClaimState.VERIFIED, ClaimState.APPROVED, ClaimState.PAYMENT_PROCESS):
        return entered_at + _HOUR
    return None


def interview_at(scheduled_at: datetime) -> datetime:
    """When the interview is: two hours after the opening of the next working day. Source: assumed."""
    return office_opens_at(scheduled_at, 1) + INTERVIEW_AFTER_OPENING
