"""The catalogue of personas out of `personas.json`: read strictly, and refused where a person could be real."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from gateway.domain import identity
from gateway.domain.datafile import BadDataFile, Entry, parse_data, read_text
from gateway.domain.member import DiscountGroup, Gender, JkkRisk, LeaveReason, Program, Segment
from gateway.domain.persona import (
    Catalogue,
    FictitiousEmployer,
    Payout,
    Persona,
    PersonaMembership,
    RelativeDate,
    Scenario,
    Stage,
)

FILE = "personas.json"
_SOME_START = date(2026, 6, 15)
_RELATIVE = "must be a date before the world's start such as P-40D or P-5Y"


def parse_personas(text: str) -> Catalogue:
    """The catalogue out of its JSON text.

    Raises BadDataFile, with the place: a wrong or unknown value, a NIK outside the area 99 or against birth date and
    gender, a number or contact that could be real, anything that two people share. Source: domain notes 9.
    """
    top = parse_data(FILE, text)
    top.only("employers", "personas")
    employers = tuple(_employer(entry) for entry in top.entries("employers"))
    _check_unique(top, "npp", [employer.npp for employer in employers])
    by_npp = {employer.npp: employer for employer in employers}
    personas = tuple(_persona(entry, by_npp) for entry in top.entries("personas"))
    for name in ("key", "nik", "email", "phone"):
        _check_unique(top, name, [str(getattr(persona, name)) for persona in personas])
    _check_unique(top, "kpj", [membership.kpj for persona in personas for membership in persona.memberships])
    return Catalogue(personas, employers)


@cache
def load_personas() -> Catalogue:
    """The sandbox's own catalogue; read and checked once. Raises BadDataFile."""
    return parse_personas(read_text(FILE))


def published_passwords() -> Mapping[str, str]:
    """By key, the passwords of the personas that have an account from the start. They are public on purpose."""
    return {persona.key: persona.password for persona in load_personas().personas if persona.password}


def _employer(entry: Entry) -> FictitiousEmployer:
    entry.only("npp", "name", "jkkRisk")
    name = entry.text("name")
    if not name.endswith("(fiktif)"):
        raise entry.fail('must end with "(fiktif)"', "name")
    npp = entry.read("npp", _matching(r"99[0-9]{6}"), "must be 99 and six digits")
    return FictitiousEmployer(npp, name, entry.read("jkkRisk", JkkRisk, "is no risk class"))


def _persona(entry: Entry, employers: Mapping[str, FictitiousEmployer]) -> Persona:
    entry.only(
        *("key", "fullName", "nik", "birthDate", "gender", "phone", "email"),
        *("scenario", "stage", "password", "memberships"),
    )
    memberships = tuple(_membership(inner, employers) for inner in entry.entries("memberships"))
    if not memberships or not memberships[0].linked:
        raise entry.fail("needs at least one membership, the first not hidden", "memberships")
    scenario = entry.entry("scenario")
    scenario.only("id", "en")
    persona = Persona(
        key=entry.read("key", _matching(r"[a-z]{2,40}"), "must be lower-case letters"),
        full_name=entry.text("fullName"),
        nik=entry.read("nik", _matching(r"[0-9]{4}99[0-9]{6}9[0-9]{3}"), "must be 16 digits of the area 99, serial 9…"),
        birth_date=entry.day("birthDate"),
        gender=entry.read("gender", Gender, "must be MALE or FEMALE"),
        phone=entry.read("phone", _matching(r"\+62840[0-9]{5,9}"), "must be in the unassigned range +62840…"),
        email=entry.read("email", _matching(r"[a-z.]+@peserta\.test"), "must be an address at peserta.test"),
        scenario=Scenario(scenario.text("id"), scenario.text("en")),
        stage=entry.read("stage", _starting_stage, "must be UNREGISTERED or ACTIVE"),
        password=entry.text("password") if entry.has("password") else None,
        memberships=memberships,
    )
    _check_person(entry, persona)
    return persona


def _check_person(entry: Entry, persona: Persona) -> None:
    day = persona.birth_date.day + (40 if persona.gender is Gender.FEMALE else 0)
    if persona.nik[6:12] != f"{day:02d}{persona.birth_date:%m%y}":
        raise entry.fail("does not agree with birth date and gender", "nik")
    if (persona.stage is Stage.ACTIVE) is not (persona.password is not None):
        raise entry.fail("belongs to an ACTIVE persona, and to no other", "password")
    if identity.normalise_email(persona.email) is None or identity.normalise_phone(persona.phone) is None:
        raise entry.fail("must be one that the sign-up takes", "email or phone")


def _membership(entry: Entry, employers: Mapping[str, FictitiousEmployer]) -> PersonaMembership:
    entry.only(
        *("kpj", "segment", "programs", "employer", "wage", "yearlyRaise", "monthlyJht", "from", "until"),
        *("leaveReason", "arrears", "paidUntil", "ledgerFrom", "targetBalance", "payouts", "hidden", "discount"),
    )
    npp = entry.text("employer") if entry.has("employer") else None
    if npp is not None and npp not in employers:
        raise entry.fail("is not among the employers", "employer")
    payouts = entry.entries("payouts") if entry.has("payouts") else ()
    membership = PersonaMembership(
        kpj=entry.read("kpj", _matching(r"9926[0-9]{7}"), "must be 9926 and seven digits"),
        segment=entry.read("segment", Segment, "is no segment"),
        programs=_programs(entry),
        employer=employers[npp] if npp is not None else None,
        wage=entry.whole("wage") if entry.has("wage") else None,
        yearly_raise=_ratio(entry, "yearlyRaise") if entry.has("yearlyRaise") else Decimal(0),
        monthly_jht=entry.whole("monthlyJht") if entry.has("monthlyJht") else None,
        since=entry.read("from", _relative, _RELATIVE),
        until=entry.read("until", _relative, _RELATIVE) if entry.has("until") else None,
        leave_reason=entry.read("leaveReason", LeaveReason, "is no reason") if entry.has("leaveReason") else None,
        in_arrears=entry.flag("arrears"),
        paid_until=entry.read("paidUntil", _relative, _RELATIVE) if entry.has("paidUntil") else None,
        ledger_from=entry.read("ledgerFrom", _relative, _RELATIVE) if entry.has("ledgerFrom") else None,
        target_balance=entry.whole("targetBalance") if entry.has("targetBalance") else None,
        payouts=tuple(_payout(payout) for payout in payouts),
        linked=not entry.flag("hidden"),
        discount_group=entry.read("discount", DiscountGroup, "is no group") if entry.has("discount") else None,
    )
    _check_membership(entry, membership)
    return membership


def _check_membership(entry: Entry, membership: PersonaMembership) -> None:
    since = membership.since.on(_SOME_START)
    for name, later in (
        ("until", membership.until),
        ("paidUntil", membership.paid_until),
        ("ledgerFrom", membership.ledger_from),
        *((f"payouts[{place}].on", payout.on) for place, payout in enumerate(membership.payouts)),
    ):
        if later is not None and later.on(_SOME_START) <= since:
            raise entry.fail("must come after `from`", name)
    if (membership.until is None) is not (membership.leave_reason is None):
        raise entry.fail("goes together with `until`", "leaveReason")
    if membership.target_balance is not None and membership.ledger_from is None:
        raise entry.fail("needs `ledgerFrom`, whose opening is scaled to reach it", "targetBalance")
    jht = Program.JHT in membership.programs
    if jht and membership.wage is None and membership.monthly_jht is None:
        raise entry.fail("JHT needs a wage or `monthlyJht`", "programs")
    if not jht and (membership.monthly_jht or membership.target_balance or membership.payouts):
        raise entry.fail("is missing JHT, of which there is money", "programs")


def _payout(entry: Entry) -> Payout:
    entry.only("on", "share")
    return Payout(entry.read("on", _relative, _RELATIVE), _ratio(entry, "share"))


def _programs(entry: Entry) -> tuple[Program, ...]:
    try:
        programs = tuple(Program(name) for name in entry.texts("programs"))
    except BadDataFile:
        raise
    except ValueError:
        raise entry.fail("names a program that does not exist", "programs") from None
    if not programs or len(set(programs)) != len(programs):
        raise entry.fail("must name at least one program, and none twice", "programs")
    return programs


def _ratio(entry: Entry, name: str) -> Decimal:
    def read(text: str) -> Decimal:
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError(text) from None
        if not value.is_finite() or not 0 <= value <= 1:
            raise ValueError(text)
        return value

    return entry.read(name, read, 'must be a decimal text from "0" to "1"')


def _relative(text: str) -> RelativeDate:
    relative = RelativeDate(text)
    if relative.on(_SOME_START) >= _SOME_START:
        raise ValueError(text)
    return relative


def _starting_stage(text: str) -> Stage:
    if text not in (Stage.UNREGISTERED, Stage.ACTIVE):
        raise ValueError(text)
    return Stage(text)


def _matching(shape: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(shape, text):
            raise ValueError(text)
        return text

    return read


def _check_unique(top: Entry, name: str, values: list[str]) -> None:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise top.fail(f"two of them have the same {name}", "personas" if name != "npp" else "employers")
