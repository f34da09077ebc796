"""The catalogue of personas: what it holds, that nobody in it could be real, and how a broken one is refused."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn import zxcvbn

from gateway.domain.balance import PostingKind, make_balance
from gateway.domain.datafile import BadDataFile, read_text
from gateway.domain.duration import move_date
from gateway.domain.identity import normalise_email, normalise_kpj, normalise_nik, normalise_phone
from gateway.domain.member import Gender, Program
from gateway.domain.paid_in import make_paid_in
from gateway.domain.password import check_password, identity_of
from gateway.domain.persona import Persona, Stage
from gateway.domain.persona_file import load_personas, parse_personas, published_passwords
from gateway.domain.policy import Policy
from gateway.domain.rates import load_rates
from gateway.domain.zone import local_instant

STARTS = st.dates(date(2026, 1, 1), date(2045, 12, 31))


def _persona(key: str) -> Persona:
    return next(persona for persona in load_personas().personas if persona.key == key)


def test_the_ten_personas_are_those_of_the_notes() -> None:
    # Source: domain notes 9.
    rows = [(persona.key, persona.full_name, persona.nik, persona.kpj) for persona in load_personas().personas]

    assert rows == [
        ("budi", "Budi Contoh", "3171991403889001", "99260000001"),
        ("siti", "Siti Fiktif", "3273996207919002", "99260000002"),
        ("andi", "Andi Percobaan", "7371990911709003", "99260000003"),
        ("dewi", "Dewi Simulasi", "3578997101849004", "99260000004"),
        ("joko", "Joko Purapura", "3374990505959005", "99260000005"),
        ("made", "Made Ujicoba", "5171991702679006", "99260000006"),
        ("maria", "Maria Khayalwati", "5371994112939007", "99260000007"),
        ("ucok", "Ucok Reka", "1271993009019008", "99260000008"),
        ("laras", "Laras Ilusi", "3471995804989009", "99260000009"),
        ("yohana", "Yohana Rekayasa", "9171994808799010", "99260000010"),
    ]


def test_what_a_persona_types_is_taken_by_the_sign_up_as_it_stands() -> None:
    for number, persona in enumerate(load_personas().personas, start=1):
        assert normalise_kpj(persona.kpj) == persona.kpj
        assert normalise_nik(persona.nik) == persona.nik
        assert normalise_phone(persona.phone) == persona.phone == f"+62840{number:08d}"
        assert normalise_email(persona.email) == persona.email == f"{persona.key}@peserta.test"
        assert persona.scenario.text("id") != persona.scenario.text("en")


def test_only_the_last_three_have_an_account() -> None:
    stages = [persona.stage for persona in load_personas().personas]

    assert stages == [Stage.UNREGISTERED] * 7 + [Stage.ACTIVE] * 3
    assert list(published_passwords()) == ["ucok", "laras", "yohana"]


def test_published_passwords_meet_our_own_rules() -> None:
    for key, password in published_passwords().items():
        persona = _persona(key)
        score = zxcvbn(password, user_inputs=[persona.full_name, persona.email, persona.kpj])["score"]
        identity = identity_of(persona.kpj, persona.nik, persona.birth_date)
        assert check_password(password, score, identity, Policy()).unmet == ()


@settings(deadline=None, max_examples=60)
@given(STARTS)
def test_the_stories_hold_on_every_day(start: date) -> None:
    siti, andi, dewi = _persona("siti"), _persona("andi"), _persona("dewi")
    for persona, target in ((siti, 14_200_000), (andi, 212_000_000)):
        ledger = make_paid_in(persona.memberships[0], start, load_rates())
        total = make_balance(ledger.postings, load_rates(), local_instant(start)).total
        assert abs(total - target) <= 1_000
        assert all(min(line.employer_amount, line.employee_amount, line.other_amount) >= 0 for line in ledger.postings)

    dewis = make_paid_in(dewi.memberships[0], start, load_rates())
    paid_out = [line for line in dewis.postings if line.kind is PostingKind.PAYOUT]
    assert len(paid_out) == 1
    assert move_date(dewi.memberships[0].since.on(start), "P10Y") <= paid_out[0].posted_on
    # Pasal 17 from the third calendar year on. Source: domain notes 4.3.
    assert start.year - paid_out[0].posted_on.year >= 2

    made = _persona("made").memberships[0]
    assert len(make_paid_in(made, start, load_rates()).postings) == 128
    assert (start - (_persona("joko").memberships[0].until or made.since).on(start)).days == 12
    assert (start - (siti.memberships[0].until or made.since).on(start)).days == 40


@settings(deadline=None, max_examples=40)
@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_no_ledger_holds_what_is_still_to_come(start: date) -> None:
    for persona in load_personas().personas:
        for membership in persona.memberships:
            ledger = make_paid_in(membership, start, load_rates())
            days = [line.posted_on for line in ledger.postings]
            assert days == sorted(days)
            assert all(day < start.replace(day=1) for day in days)
            assert bool(days) is (Program.JHT in membership.programs)
            assert ledger.last_month is None or ledger.last_month < start.replace(day=1)


def test_an_opening_stands_for_the_months_before_it() -> None:
    budi, start = _persona("budi").memberships[1], date(2026, 11, 23)
    ledger = make_paid_in(budi, start, load_rates())

    opening, first = ledger.postings[:2]
    assert (opening.kind, opening.posted_on) == (PostingKind.OPENING, date(2021, 11, 1))
    assert (first.kind, first.posted_on) == (PostingKind.CONTRIBUTION, date(2021, 11, 1))
    assert opening.employer_amount > opening.employee_amount > opening.other_amount > 0
    assert ledger.last_month == date(2023, 7, 1)


def test_a_driver_pays_alone_and_a_builder_saves_nothing() -> None:
    start = date(2026, 11, 23)
    ucok = make_paid_in(_persona("ucok").memberships[0], start, load_rates())
    yohana = make_paid_in(_persona("yohana").memberships[0], start, load_rates())

    assert {(line.employer_amount, line.employee_amount) for line in ucok.postings} == {(0, 20_000)}
    assert (yohana.postings, yohana.last_month) == ((), date(2026, 10, 1))


def test_women_are_born_forty_days_later_in_their_nik() -> None:
    for persona in load_personas().personas:
        assert (int(persona.nik[6:8]) > 40) is (persona.gender is Gender.FEMALE)


def _broken(change: Callable[[dict[str, Any]], object]) -> str:
    # Any: the file as plain JSON, to be broken at will.
    content: dict[str, Any] = json.loads(read_text("personas.json"))
    change(content)
    return json.dumps(content)


def _set(place: str, value: object) -> Callable[[dict[str, Any]], object]:
    def change(content: dict[str, Any]) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
        target: Any = content
        for step in way:
            target = target[step]
        target[last] = value

    return change


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("personas.1.key", "budi", "personas: two of them have the same key"),
        ("personas.1.email", "budi@peserta.test", "personas: two of them have the same email"),
        ("personas.1.phone", "+6284000000001", "personas: two of them have the same phone"),
        ("personas.1.memberships.0.kpj", "99260000001", "personas: two of them have the same kpj"),
        ("employers.1.npp", "99000001", "employers: two of them have the same npp"),
        ("employers.0.name", "PT Contoh Maju", 'employers[0].name: must end with "(fiktif)"'),
        ("employers.0.jkkRisk", "NONE", "employers[0].jkkRisk: is no risk class"),
        ("personas.0.nik", "3171011403889001", "personas[0].nik: must be 16 digits of the area 99, serial 9…"),
        ("personas.0.nik", "3171991403880001", "personas[0].nik: must be 16 digits of the area 99, serial 9…"),
        ("personas.0.birthDate", "1988-03-15", "personas[0].nik: does not agree with birth date and gender"),
        ("personas.0.gender", "FEMALE", "personas[0].nik: does not agree with birth date and gender"),
        ("personas.0.birthDate", "1988-02-30", "personas[0].birthDate: must be a date as YYYY-MM-DD"),
        ("personas.0.phone", "+6281234567890", "personas[0].phone: must be in the unassigned range +62840…"),
        ("personas.0.email", "budi@example.com", "personas[0].email: must be an address at peserta.test"),
        ("personas.0.stage", "LOCKED", "personas[0].stage: must be UNREGISTERED or ACTIVE"),
        ("personas.0.password", "kucing-besar", "personas[0].password: belongs to an ACTIVE persona, and to no other"),
        ("personas.7.password", None, "personas[7].password: belongs to an ACTIVE persona, and to no other"),
        ("personas.0.memberships", [], "personas[0].memberships: needs at least one membership"),
        ("personas.0.nickname", "Bud", "personas[0].nickname: is not known here"),
        ("personas.0.scenario", "text", "personas[0].scenario: must be an object"),
        ("personas.0.scenario.id", "", "personas[0].scenario.id: must be a text"),
        ("personas.0.memberships.0.kpj", "12345678901", "memberships[0].kpj: must be 9926 and seven digits"),
        ("personas.0.memberships.0.segment", "XX", "memberships[0].segment: is no segment"),
        ("personas.0.memberships.0.programs", ["JHT", "XX"], "programs: names a program that does not exist"),
        ("personas.0.memberships.0.programs", [], "programs: must name at least one program, and none twice"),
        ("personas.0.memberships.0.employer", "99009999", "memberships[0].employer: is not among the employers"),
        ("personas.0.memberships.0.wage", -1, "memberships[0].wage: must be a whole number from 0 on"),
        ("personas.0.memberships.0.wage", 1.5, "memberships[0].wage: must be a whole number from 0 on"),
        ("personas.0.memberships.0.wage", None, "memberships[0].programs: JHT needs a wage or `monthlyJht`"),
        ("personas.0.memberships.0.yearlyRaise", "2", "memberships[0].yearlyRaise: must be a decimal text"),
        ("personas.0.memberships.0.from", "2020-01-01", "memberships[0].from: must be a date before the world's start"),
        ("personas.0.memberships.0.from", "P3Y", "memberships[0].from: must be a date before the world's start"),
        ("personas.0.memberships.0.from", None, "memberships[0].from: must be a text"),
        ("personas.1.memberships.0.until", "P-9Y", "memberships[0].until: must come after `from`"),
        ("personas.1.memberships.0.leaveReason", None, "memberships[0].leaveReason: goes together with `until`"),
        ("personas.1.memberships.0.ledgerFrom", None, "memberships[0].targetBalance: needs `ledgerFrom`"),
        ("personas.3.memberships.0.payouts.0.share", "x", "payouts[0].share: must be a decimal text"),
        ("personas.3.memberships.0.payouts.0.on", "P-20Y", "memberships[0].payouts[0].on: must come after `from`"),
        ("personas.6.memberships.0.programs", ["JKK"], "memberships[0].programs: is missing JHT"),
        ("personas.8.memberships.0.arrears", "yes", "memberships[0].arrears: must be true or false"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_place(place: str, value: object, reason: str) -> None:
    with pytest.raises(BadDataFile) as caught:
        parse_personas(_broken(_set(place, value)))

    assert str(caught.value).startswith("personas.json ")
    assert reason in str(caught.value)


def test_a_target_out_of_reach_is_refused() -> None:
    text = _broken(_set("personas.1.memberships.0.targetBalance", 1_000))
    membership = parse_personas(text).personas[1].memberships[0]

    with pytest.raises(ValueError, match="99260000002"):
        make_paid_in(membership, date(2026, 11, 23), load_rates())
