"""The registry's rows: people, employers, memberships and what was paid in."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.member import (
    DiscountGroup,
    Employer,
    Gender,
    JkkRisk,
    LeaveReason,
    Member,
    Membership,
    MembershipStatus,
    Program,
    Segment,
)
from gateway.domain.membership_care import Link


class PersonRow(Model):
    """A person by NIK. `persona` is the catalogue's key, None for anybody else."""

    id = fields.IntField(primary_key=True)
    nik = fields.CharField(max_length=16, unique=True)
    full_name = fields.CharField(max_length=120)
    birth_date = fields.DateField()
    gender = fields.CharField(max_length=6)
    persona = fields.CharField(max_length=40, null=True, unique=True)

    class Meta:
        table = "person"

    def to_domain(self) -> Member:
        """The person as the rules see them."""
        return Member(self.id, self.nik, self.full_name, self.birth_date, Gender(self.gender))


class EmployerRow(Model):
    """An employer by NPP."""

    id = fields.IntField(primary_key=True)
    npp = fields.CharField(max_length=12, unique=True)
    name = fields.CharField(max_length=120)
    jkk_risk = fields.CharField(max_length=10)

    class Meta:
        table = "employer"

    def to_domain(self) -> Employer:
        """The employer as the rules see it."""
        return Employer(self.id, self.npp, self.name, JkkRisk(self.jkk_risk))


class MembershipRow(Model):
    """One KPJ of a person. `programs` is a comma-separated list; months are YYYY-MM; money whole rupiah.

    `charge_next_on` is the first of the month whose contribution falls due next, NULL once nothing more does.
    """

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[PersonRow] = fields.ForeignKeyField("gateway.PersonRow", on_delete=fields.CASCADE)
    person_id: int
    employer: fields.ForeignKeyNullableRelation[EmployerRow] = fields.ForeignKeyField(
        "gateway.EmployerRow", null=True, on_delete=fields.RESTRICT
    )
    employer_id: int | None
    kpj = fields.CharField(max_length=11, unique=True)
    segment = fields.CharField(max_length=5)
    status = fields.CharField(max_length=8)
    programs = fields.CharField(max_length=30)
    member_since = fields.DateField()
    inactive_since = fields.DateField(null=True)
    leave_reason = fields.CharField(max_length=16, null=True)
    monthly_wage = fields.BigIntField(null=True)
    last_contribution = fields.CharField(max_length=7, null=True)
    in_arrears = fields.BooleanField(default=False)
    link = fields.CharField(max_length=8, default=Link.LINKED.value)
    chosen_jht = fields.BigIntField(null=True)
    discount_group = fields.CharField(max_length=16, null=True)
    charge_next_on = fields.DateField(null=True, db_index=True)

    class Meta:
        table = "membership"

    def to_domain(self, employer: Employer | None) -> Membership:
        """The membership as the rules see it; its employer is handed in, for it is another row."""
        return Membership(
            id=self.id,
            kpj=self.kpj,
            segment=Segment(self.segment),
            status=MembershipStatus(self.status),
            employer=employer,
            programs=tuple(Program(name) for name in self.programs.split(",")),
            member_since=self.member_since,
            inactive_since=self.inactive_since,
            leave_reason=LeaveReason(self.leave_reason) if self.leave_reason else None,
            monthly_wage=self.monthly_wage,
            last_contribution=self.last_contribution,
            in_arrears=self.in_arrears,
            chosen_jht=self.chosen_jht,
            discount_group=DiscountGroup(self.discount_group) if self.discount_group else None,
            person_id=self.person_id,
        )


class PostingRow(Model):
    """A line of a membership's JHT ledger in whole rupiah. `posted_on` is the first of the contribution month.

    A PAYOUT has the day of payment there; it counts from the first of that month, too. `other_amount` is what neither
    side paid in: the development that an OPENING brings along, or the sum of a PAYOUT.
    """

    id = fields.IntField(primary_key=True)
    membership: fields.ForeignKeyRelation[MembershipRow] = fields.ForeignKeyField(
        "gateway.MembershipRow", on_delete=fields.CASCADE
    )
    membership_id: int
    kind = fields.CharField(max_length=12)
    posted_on = fields.DateField()
    employer_amount = fields.BigIntField(default=0)
    employee_amount = fields.BigIntField(default=0)
    other_amount = fields.BigIntField(default=0)

    class Meta:
        table = "posting"
        indexes = (("membership_id", "posted_on"),)
