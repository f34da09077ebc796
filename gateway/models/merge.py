"""Rows of merges: balances of several KPJ that a member wants in one."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.membership_care import BalanceMerge, MergeState, merge_decision


class MergeRow(Model):
    """One request. `kpjs` is a comma-separated list of what is merged `into` a KPJ; `outcome` names the decision.

    `live_key` is the member's id while the merge runs and NULL afterwards: its uniqueness lets one run at a time.
    `step_at` is when the agency goes on with it, NULL at the end.
    """

    id = fields.IntField(primary_key=True)
    person_id = fields.IntField(db_index=True)
    live_key = fields.IntField(null=True, unique=True)
    kpjs = fields.TextField()
    into = fields.CharField(max_length=11)
    state = fields.CharField(max_length=11)
    outcome = fields.CharField(max_length=40, null=True)
    requested_at = fields.DatetimeField()
    sla_due_at = fields.DatetimeField()
    step_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "merge"

    def to_domain(self) -> BalanceMerge:
        """The merge as its owner sees it."""
        kpjs = tuple(self.kpjs.split(","))
        return BalanceMerge(
            id=self.id,
            kpjs=kpjs,
            into=self.into,
            state=MergeState(self.state),
            requested_at=self.requested_at,
            sla_due_at=self.sla_due_at,
            decision=merge_decision(self.outcome, kpjs, self.into) if self.outcome else None,
        )
