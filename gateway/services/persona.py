"""Personas in a world: put there when it is made, and shown as they stand."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from gateway.domain.account import AccountStatus
from gateway.domain.contribution import next_month
from gateway.domain.member import MembershipStatus
from gateway.domain.membership_care import Link
from gateway.domain.paid_in import PaidIn, make_paid_in
from gateway.domain.persona import FictitiousEmployer, Persona, PersonaMembership, PersonaView, Stage
from gateway.domain.persona_file import load_personas
from gateway.domain.rates import load_rates
from gateway.domain.registration import RegistrationState
from gateway.domain.zone import local_date, local_instant
from gateway.models.account import AccountRow
from gateway.models.contribution import ContributionRow
from gateway.models.member import EmployerRow, MembershipRow, PersonRow, PostingRow
from gateway.models.registration import RegistrationRow
from gateway.services import flow
from gateway.world import World

_ACCOUNT_AGE = timedelta(days=90)
_ACTIVATED_AFTER = timedelta(minutes=10)
_STAGE_OF_FLOW = {
    RegistrationState.AWAITING_OTP: Stage.AWAITING_OTP,
    RegistrationState.AWAITING_PASSWORD: Stage.AWAITING_PASSWORD,
    RegistrationState.AWAITING_ACTIVATION: Stage.AWAITING_ACTIVATION,
}


async def seed(starts_at: datetime, *, password_hashes: Mapping[str, str], locale: str = "id") -> None:
    """Write the ten personas into a new world, inside the caller's open transaction.

    All dates follow from the day in Jakarta on which the world starts, so worlds of one day can share what is written.
    `password_hashes` has one hash per key of `published_passwords()`; hashing is slow, so it is done once elsewhere.
    """
    catalogue, starts_on = load_personas(), local_date(starts_at)
    await PersonRow.bulk_create([_person_row(persona) for persona in catalogue.personas])
    await EmployerRow.bulk_create([_employer_row(employer) for employer in catalogue.employers])
    people = {str(nik): int(row_id) for row_id, nik in await PersonRow.all().values_list("id", "nik")}
    employers = {str(npp): int(row_id) for row_id, npp in await EmployerRow.all().values_list("id", "npp")}
    paid_in = {
        membership.kpj: make_paid_in(membership, starts_on, load_rates())
        for persona in catalogue.personas
        for membership in persona.memberships
    }
    await MembershipRow.bulk_create(
        [
            _membership_row(membership, people[persona.nik], employers, starts_on, paid_in[membership.kpj])
            for persona in catalogue.personas
            for membership in persona.memberships
        ]
    )
    memberships = {str(kpj): int(row_id) for row_id, kpj in await MembershipRow.all().values_list("id", "kpj")}
    await PostingRow.bulk_create(
        [row for kpj, ledger in paid_in.items() for row in _posting_rows(ledger, memberships[kpj])]
    )
    chosen = {membership.kpj: membership.monthly_jht for one in catalogue.personas for membership in one.memberships}
    await ContributionRow.bulk_create(
        [row for kpj, ledger in paid_in.items() for row in _contribution_rows(ledger, memberships[kpj], chosen[kpj])]
    )
    await AccountRow.bulk_create(
        [
            _account_row(persona, people[persona.nik], password_hashes[persona.key], starts_on, locale)
            for persona in catalogue.personas
            if persona.stage is Stage.ACTIVE
        ]
    )


async def list_personas(world: World) -> tuple[PersonaView, ...]:
    """The personas of the catalogue as they stand in this world, in the catalogue's order.

    Contacts are the account's once there is one, for that is where messages go. A password is shown where the
    catalogue publishes one, even if somebody has changed it since.
    """
    async with world.store.reading():
        people = {row.persona: row.id for row in await PersonRow.filter(persona__not_isnull=True)}
        accounts = {row.person_id: row for row in await AccountRow.filter(person_id__in=people.values())}
        sign_ups = await RegistrationRow.filter(person_id__in=people.values()).order_by("id")
    latest = {row.person_id: row for row in sign_ups}
    return tuple(
        _view(world, persona, accounts.get(people[persona.key]), latest.get(people[persona.key]))
        for persona in load_personas().personas
        if persona.key in people
    )


async def find_subjects(world: World) -> Mapping[str, str]:
    """What tokens name the personas who have an account, by the catalogue's key."""
    async with world.store.reading():
        people = {row.id: str(row.persona) for row in await PersonRow.filter(persona__not_isnull=True)}
        accounts = await AccountRow.filter(person_id__in=list(people))
    return {people[account.person_id]: account.subject for account in accounts}


def _view(world: World, persona: Persona, account: AccountRow | None, sign_up: RegistrationRow | None) -> PersonaView:
    return PersonaView(
        key=persona.key,
        full_name=persona.full_name,
        kpj=persona.kpj,
        kpjs=tuple(membership.kpj for membership in persona.memberships),
        nik=persona.nik,
        birth_date=persona.birth_date,
        phone=account.phone if account else persona.phone,
        email=(account.email or account.pending_email or persona.email) if account else persona.email,
        scenario=persona.scenario,
        stage=_stage(world, account, sign_up),
        password=persona.password,
    )


def _stage(world: World, account: AccountRow | None, sign_up: RegistrationRow | None) -> Stage:
    now = world.clock.now()
    if account is not None and account.status == AccountStatus.ACTIVE:
        return Stage.LOCKED if account.to_domain(now).status is AccountStatus.LOCKED else Stage.ACTIVE
    if sign_up is None:
        return Stage.UNREGISTERED
    if sign_up.locked_until is not None and sign_up.locked_until > now:
        return Stage.LOCKED
    return _STAGE_OF_FLOW.get(flow.state_of(world, sign_up), Stage.UNREGISTERED)


def _person_row(persona: Persona) -> PersonRow:
    return PersonRow(
        nik=persona.nik,
        full_name=persona.full_name,
        birth_date=persona.birth_date,
        gender=persona.gender.value,
        persona=persona.key,
    )


def _employer_row(employer: FictitiousEmployer) -> EmployerRow:
    return EmployerRow(npp=employer.npp, name=employer.name, jkk_risk=employer.jkk_risk.value)


def _membership_row(
    membership: PersonaMembership,
    person_id: int,
    employers: Mapping[str, int],
    starts_on: date,
    paid_in: PaidIn,
) -> MembershipRow:
    last_month = paid_in.last_month
    left_on = membership.until.on(starts_on) if membership.until else None
    return MembershipRow(
        person_id=person_id,
        employer_id=employers[membership.employer.npp] if membership.employer else None,
        kpj=membership.kpj,
        segment=membership.segment.value,
        status=(MembershipStatus.INACTIVE if left_on else MembershipStatus.ACTIVE).value,
        programs=",".join(membership.programs),
        member_since=membership.since.on(starts_on),
        inactive_since=left_on,
        leave_reason=membership.leave_reason.value if membership.leave_reason else None,
        monthly_wage=membership.wage,
        last_contribution=f"{last_month:%Y-%m}" if last_month else None,
        in_arrears=membership.in_arrears,
        link=(Link.LINKED if membership.linked else Link.HIDDEN).value,
        chosen_jht=membership.monthly_jht,
        discount_group=membership.discount_group.value if membership.discount_group else None,
        charge_next_on=None if left_on else next_month(starts_on),
    )


def _posting_rows(ledger: PaidIn, membership_id: int) -> Iterable[PostingRow]:
    for posting in ledger.postings:
        yield PostingRow(
            membership_id=membership_id,
            kind=posting.kind.value,
            posted_on=posting.posted_on,
            employer_amount=posting.employer_amount,
            employee_amount=posting.employee_amount,
            other_amount=posting.other_amount,
        )


def _contribution_rows(ledger: PaidIn, membership_id: int, chosen_jht: int | None) -> Iterable[ContributionRow]:
    for charged in ledger.charged:
        yield ContributionRow(
            membership_id=membership_id,
            month=charged.month,
            wage=charged.wage,
            chosen_jht=chosen_jht,
            paid_on=charged.paid_on,
        )


def _account_row(persona: Persona, person_id: int, password_hash: str, starts_on: date, locale: str) -> AccountRow:
    created_at = local_instant(starts_on - _ACCOUNT_AGE, 9)
    return AccountRow(
        # A persona's subject is the same in every world, for worlds are copied from one template. It guards nothing:
        # it only names an account, and a token is taken by the world alone whose issuer and key have signed it.
        subject=hashlib.sha256(f"persona:{persona.key}".encode()).hexdigest()[:32],
        person_id=person_id,
        kpj=persona.kpj,
        nik=persona.nik,
        email=persona.email,
        phone=persona.phone,
        password_hash=password_hash,
        status=AccountStatus.ACTIVE.value,
        locale=locale,
        created_at=created_at,
        activated_at=created_at + _ACTIVATED_AFTER,
    )
