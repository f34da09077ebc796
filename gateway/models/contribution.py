"""Monthly contributions: which month of which membership is owed or paid, and for which wage."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.contribution import Contribution, make_contribution
from gateway.domain.member import Membership
from gateway.models.member import MembershipRow


class ContributionRow(Model):
    """One month (its first day) of one membership. What is owed by whom follows from the dated tables."""

    id = fields.IntField(primary_key=True)
    membership: fields.ForeignKeyRelation[MembershipRow] = fields.ForeignKeyField(
        "gateway.MembershipRow", on_delete=fields.CASCADE
    )
    membership_id: int
    month = fields.DateField()
    wage = fields.BigIntField(default=0)
    chosen_jht = fields.BigIntField(null=True)
    paid_on = fields.DateField(null=True, db_index=True)

    class Meta:
        table = "contribution"
        unique_together = (("membership_id", "month"),)

    def to_domain(self, membership: Membership) -> Contribution:
        """The contribution as the rules see it; its membership is handed in, for it is another row."""
        return make_contribution(
            self.id, membership, self.month, wage=self.wage, chosen_jht=self.chosen_jht, paid_on=self.paid_on
        )
