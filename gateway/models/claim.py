"""Rows of claims and of the states that each went through."""

from collections.abc import Sequence

from tortoise import fields
from tortoise.models import Model

from gateway.domain.channel import ClaimChannel
from gateway.domain.claim import BankAccount, Claim, ClaimEvent, ClaimState
from gateway.domain.claim_document import ClaimReason, load_requirements
from gateway.domain.decision import Decision
from gateway.domain.document import Document, match_requirements


class ClaimRow(Model):
    """One claim. `kpjs` is a comma-separated list; money whole rupiah.

    `live_key` is the member's id while the claim runs and NULL afterwards: its uniqueness lets one run at a time.
    `request_key` is the keyed hash of person and idempotency key, `request_hash` that of the content. `step_at` is when
    the agency goes on, NULL where it waits for the owner or has ended. `has_npwp` is all that is kept of a tax number.
    """

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=20, unique=True)
    person_id = fields.IntField(db_index=True)
    live_key = fields.IntField(null=True, unique=True)
    request_key = fields.CharField(max_length=64, unique=True)
    request_hash = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=20)
    channel = fields.CharField(max_length=8)
    state = fields.CharField(max_length=20)
    gross = fields.BigIntField()
    tax = fields.BigIntField()
    has_npwp = fields.BooleanField()
    bank_code = fields.CharField(max_length=3)
    bank_number = fields.CharField(max_length=20)
    bank_holder = fields.CharField(max_length=120)
    kpjs = fields.TextField()
    submitted_at = fields.DatetimeField()
    sla_due_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)
    interview_at = fields.DatetimeField(null=True)
    step_at = fields.DatetimeField(null=True, db_index=True)
    decision = fields.CharField(max_length=40, null=True)

    class Meta:
        table = "claim"

    @property
    def bank_account(self) -> BankAccount:
        """Where the money goes."""
        return BankAccount(self.bank_code, self.bank_number, self.bank_holder)

    def to_domain(self, documents: Sequence[Document], events: "Sequence[ClaimEventRow]") -> Claim:
        """The claim as its owner sees it; its documents and events are handed in, oldest first."""
        reason, channel = ClaimReason(self.reason), ClaimChannel(self.channel)
        by_phone = channel is ClaimChannel.MOBILE
        return Claim(
            id=self.id,
            person_id=self.person_id,
            number=self.number,
            reason=reason,
            channel=channel,
            state=ClaimState(self.state),
            gross=self.gross,
            tax=self.tax,
            bank_account=self.bank_account,
            submitted_at=self.submitted_at,
            sla_due_at=self.sla_due_at,
            paid_at=self.paid_at,
            interview_at=self.interview_at,
            decision=Decision(self.decision, {"number": self.number}) if self.decision else None,
            kpjs=tuple(self.kpjs.split(",")),
            documents=tuple(documents),
            requirements=match_requirements(load_requirements()[reason], documents, all_optional=by_phone),
            events=tuple(event.to_domain(self.number) for event in events),
        )


class ClaimEventRow(Model):
    """A state that a claim entered; `note` is the decision that its owner was told."""

    id = fields.IntField(primary_key=True)
    claim_id = fields.IntField(db_index=True)
    at = fields.DatetimeField()
    state = fields.CharField(max_length=20)
    note = fields.CharField(max_length=40, null=True)

    class Meta:
        table = "claim_event"

    def to_domain(self, number: str) -> ClaimEvent:
        """The event as the claim's owner sees it."""
        return ClaimEvent(
            self.at, ClaimState(self.state), Decision(self.note, {"number": number}) if self.note else None
        )
