"""Rows of disputes: memberships of which a member says "ini bukan saya"."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.membership_care import Dispute, DisputeState, dispute_decision


class DisputeRow(Model):
    """One dispute; a membership has one at most. `decide_at` is when the agency decides, NULL once it has."""

    id = fields.IntField(primary_key=True)
    membership_id = fields.IntField(unique=True)
    kpj = fields.CharField(max_length=11)
    person_id = fields.IntField(db_index=True)
    statement = fields.TextField()
    state = fields.CharField(max_length=8)
    opened_at = fields.DatetimeField()
    sla_due_at = fields.DatetimeField()
    decide_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "dispute"

    def to_domain(self) -> Dispute:
        """The dispute as its owner sees it."""
        state = DisputeState(self.state)
        return Dispute(state, self.opened_at, self.sla_due_at, dispute_decision(state, self.kpj))
