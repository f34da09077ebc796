"""The member: who it is, its memberships and its JHT balance."""

from collections.abc import Mapping
from datetime import date, datetime

import strawberry

from gateway.domain import member, membership_care
from gateway.domain.identity import mask_nik, normalise_kpj
from gateway.domain.member import membership_status
from gateway.services import account as accounts
from gateway.services import membership as memberships
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.loaders import once
from schema.member.account import Account
from schema.member.balance import Balance
from schema.member.benefit import Insured
from schema.member.card import CardHolder
from schema.member.claim import Claimant
from schema.member.contribution import ContributionPayer
from schema.member.dispute import Dispute
from schema.member.own_data import OwnData
from schema.member.reads import list_memberships, load_balances, load_member
from schema.member.simulation import Saver
from schema.member.statement import StatementHolder
from schema.member.vocabulary import Gender, JkkRisk, LeaveReason, MembershipStatus, Program, Segment
from schema.node import Node, global_id
from schema.scalars import Rupiah, YearMonth

Info = strawberry.Info[Context, None]


@strawberry.type(description="An employer; `npp` is its registration number.")
class Employer:
    """Fictitious, all of them."""

    id: strawberry.ID
    npp: str
    name: str
    jkk_risk: JkkRisk

    @staticmethod
    def of(known: member.Employer) -> "Employer":
        """The employer as a member sees it."""
        return Employer(id=global_id("Employer", known.id), npp=known.npp, name=known.name, jkk_risk=known.jkk_risk)


@strawberry.type(description="One KPJ: a membership by employment, or by oneself.")
class Membership(Node):
    """A person may have several."""

    number: strawberry.Private[int]
    person_id: strawberry.Private[int]

    kpj: str
    segment: Segment
    status: MembershipStatus
    employer: Employer | None = strawberry.field(description="Null for BPU.")
    programs: list[Program]
    member_since: date
    inactive_since: date | None
    leave_reason: LeaveReason | None
    monthly_wage: Rupiah | None
    last_contribution: YearMonth | None
    in_arrears: bool

    @staticmethod
    def of(known: member.Membership) -> "Membership":
        """The membership as its owner sees it."""
        return Membership(
            id=global_id("Membership", known.id),
            number=known.id,
            person_id=known.person_id,
            kpj=known.kpj,
            segment=known.segment,
            status=known.status,
            employer=Employer.of(known.employer) if known.employer else None,
            programs=list(known.programs),
            member_since=known.member_since,
            inactive_since=known.inactive_since,
            leave_reason=known.leave_reason,
            monthly_wage=Rupiah(known.monthly_wage) if known.monthly_wage is not None else None,
            last_contribution=YearMonth(known.last_contribution) if known.last_contribution else None,
            in_arrears=known.in_arrears,
        )

    @strawberry.field(description="Its JHT balance; null where the membership has no JHT.")
    async def balance(self, info: Info) -> Balance | None:
        """Thin: one shared read."""
        found = (await load_balances(info.context, self.person_id)).by_kpj.get(self.kpj)
        return Balance.of(found) if found is not None else None

    @strawberry.field(description="What came of `disputeMembership`; null if it was never said of this membership.")
    async def dispute(self, info: Info) -> Dispute | None:
        """Thin: one shared read."""
        found = (await _disputes(info.context, self.person_id)).get(self.number)
        return Dispute.of(found, info.context.locale) if found is not None else None


@strawberry.type(description="A person as the registry knows them.")
class Member(OwnData, CardHolder, ContributionPayer, StatementHolder, Saver, Insured, Claimant, Node):
    """The owner's view; the NIK leaves only masked."""

    full_name: str
    masked_nik: str
    birth_date: date
    gender: Gender

    @staticmethod
    def of(known: member.Member) -> "Member":
        """The member as the owner sees it."""
        return Member(
            id=global_id("Member", known.id),
            source=known,
            full_name=known.full_name,
            masked_nik=mask_nik(known.nik),
            birth_date=known.birth_date,
            gender=known.gender,
        )

    @strawberry.field(description="ACTIVE while any membership is.")
    async def status(self, info: Info) -> MembershipStatus:
        """Thin: the rule is the domain's."""
        return membership_status(tuple(await list_memberships(info.context, self.source.id)))

    @strawberry.field(directives=[SemanticNonNull()], description="Every linked KPJ.")
    async def memberships(self, info: Info) -> list[Membership] | None:
        """Thin: one shared read."""
        return [Membership.of(known) for known in await list_memberships(info.context, self.source.id)]

    @strawberry.field(description="One linked KPJ; null for any other.")
    async def membership(self, info: Info, kpj: str) -> Membership | None:
        """Thin: one shared read."""
        wanted = normalise_kpj(kpj)
        found = (known for known in await list_memberships(info.context, self.source.id) if known.kpj == wanted)
        return next((Membership.of(known) for known in found), None)

    @strawberry.field(description="JHT over all linked KPJ; null without an error means no JHT.")
    async def balance(self, info: Info) -> Balance | None:
        """Thin: one shared read."""
        total = (await load_balances(info.context, self.source.id)).total
        return Balance.of(total) if total is not None else None


async def _disputes(context: Context, member_id: int) -> Mapping[int, membership_care.Dispute]:
    key = ("disputes", member_id)
    return await once(context, key, lambda: memberships.list_disputes(context.world, member_id=member_id))


@strawberry.type(description="Who is signed in: the account and, by its own source, the member.")
class Viewer:
    """The root of everything personal."""

    account: Account

    @strawberry.field(directives=[SemanticNonNull()], description="The member to whom the account belongs.")
    async def member(self, info: Info) -> Member | None:
        """Thin: one service call."""
        return Member.of(await load_member(info.context, self.account.source.nik))


@strawberry.type
class MemberQuery:
    """Reads of who is signed in."""

    @strawberry.field(description="Who is signed in; null, without an error, when nobody is.")
    async def viewer(self, info: Info) -> Viewer | None:
        """Thin: one service call."""
        viewer = await info.context.viewer()
        if viewer is None:
            return None
        return Viewer(account=Account.of(await accounts.load(info.context.world, viewer=viewer)))

    @strawberry.field(directives=[SemanticNonNull()], description="World time, which a tester may have moved.")
    async def server_time(self, info: Info) -> datetime | None:
        """Thin: the world's clock."""
        return info.context.world.clock.now()
