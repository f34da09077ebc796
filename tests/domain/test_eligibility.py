"""Eligibility: every code is reached, the tax rule is right, and ten answers take no time to speak of."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.domain.channel import ClaimChannel
from gateway.domain.claim_document import ClaimReason, DocumentKind, DocumentState
from gateway.domain.document import Document
from gateway.domain.eligibility import ClaimCase, EligibilityCode, judge, judge_all, quote_claim, split_gross
from gateway.domain.member import LeaveReason, Membership, MembershipStatus, Program, Segment
from gateway.domain.tax import Payment, TaxRule

TODAY = date(2026, 11, 23)
R, E = ClaimReason, EligibilityCode


def membership(kpj: str = "99260000002", **known: object) -> Membership:
    """One that ended forty days ago by resignation; a test names what is otherwise."""
    plain = Membership(
        id=1,
        kpj=kpj,
        segment=Segment.PU,
        status=MembershipStatus.INACTIVE,
        employer=None,
        programs=(Program.JHT, Program.JKK, Program.JKM),
        member_since=date(2022, 8, 1),
        inactive_since=date(2026, 10, 14),
        leave_reason=LeaveReason.RESIGNED,
        monthly_wage=4_750_000,
        last_contribution="2026-10",
        in_arrears=False,
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # names are Membership's own


def active(kpj: str = "99260000004", since: date = date(2011, 7, 23), **known: object) -> Membership:
    return membership(
        kpj, status=MembershipStatus.ACTIVE, member_since=since, inactive_since=None, leave_reason=None, **known
    )


def case(*memberships: Membership, amount: int = 14_200_000, **known: object) -> ClaimCase:
    held = memberships or (membership(),)
    plain = ClaimCase(date(1991, 7, 22), held, dict.fromkeys((one.kpj for one in held), amount), TODAY)
    return replace(plain, **known)  # type: ignore[arg-type]  # names are ClaimCase's own


RESIGNED = case()
WORKING = case(active(), amount=185_000_000)


@pytest.mark.parametrize(
    ("given", "reason", "code", "key", "since"),
    [
        (RESIGNED, R.RESIGNED, E.ELIGIBLE, "jht.eligible", TODAY),
        (RESIGNED, R.LEAVING_INDONESIA, E.ELIGIBLE, "jht.eligible", TODAY),
        (WORKING, R.PARTIAL_10, E.ELIGIBLE, "jht.eligible", TODAY),
        (WORKING, R.RESIGNED, E.STILL_ACTIVE, "jht.still_active", None),
        (WORKING, R.LEAVING_INDONESIA, E.STILL_ACTIVE, "jht.still_active", None),
        (
            case(membership(inactive_since=date(2026, 11, 11), leave_reason=LeaveReason.LAID_OFF)),
            R.LAID_OFF,
            E.WAITING_PERIOD,
            "jht.waiting_period",
            date(2026, 12, 11),
        ),
        (RESIGNED, R.RETIREMENT_AGE, E.AGE_NOT_REACHED, "jht.age_not_reached", date(2047, 7, 22)),
        (
            case(active(since=date(2020, 1, 31))),
            R.PARTIAL_30,
            E.YEARS_NOT_REACHED,
            "jht.years_not_reached",
            date(2030, 1, 31),
        ),
        (
            replace(WORKING, partial_taken=True),
            R.PARTIAL_30,
            E.PARTIAL_ALREADY_TAKEN,
            "jht.partial_already_taken",
            None,
        ),
        (case(amount=0), R.RESIGNED, E.NO_BALANCE, "jht.no_balance", None),
        (
            case(active(programs=(Program.JKK, Program.JKM)), balances={}),
            R.RESIGNED,
            E.NO_BALANCE,
            "jht.no_jht",
            None,
        ),
        (
            case(membership(last_contribution="2026-11")),
            R.RESIGNED,
            E.BALANCE_PROBLEM,
            "jht.balance_problem",
            None,
        ),
        (case(amount=-1), R.RESIGNED, E.BALANCE_PROBLEM, "jht.balance_problem", None),
        (
            case(membership(), membership("99260000102")),
            R.RESIGNED,
            E.BALANCES_NOT_MERGED,
            "jht.balances_not_merged",
            None,
        ),
        (
            case(active(), membership()),
            R.PARTIAL_10,
            E.BALANCES_NOT_MERGED,
            "jht.balances_not_merged",
            None,
        ),
        (case(merging=True), R.RESIGNED, E.MERGE_IN_PROGRESS, "jht.merge_in_progress", None),
        (case(profile_confirmed=False), R.RESIGNED, E.PROFILE_NOT_CONFIRMED, "jht.profile_not_confirmed", None),
        (case(disputed=True), R.RESIGNED, E.DATA_CORRECTION_IN_PROGRESS, "jht.data_correction", None),
        (case(running_number="JHT-1"), R.RESIGNED, E.CLAIM_IN_PROGRESS, "jht.claim_in_progress", None),
        (
            case(claimed_kpjs=frozenset({"99260000002"})),
            R.RESIGNED,
            E.REMAINDER_OF_EARLIER_CLAIM,
            "jht.remainder",
            None,
        ),
        (
            case(cool_down_on=date(2026, 11, 24)),
            R.RESIGNED,
            E.CONTACT_CHANGED_RECENTLY,
            "jht.contact_changed",
            date(2026, 11, 24),
        ),
        (RESIGNED, R.DEATH, E.HEIRS_ONLY, "jht.heirs_only", None),
        (RESIGNED, R.TOTAL_DISABILITY, E.BRANCH_ONLY, "jht.branch_only", None),
        (RESIGNED, R.LAID_OFF, E.BRANCH_ONLY, "jht.reason_differs", None),
        (case(membership(member_since=date(2010, 1, 1))), R.PARTIAL_10, E.BRANCH_ONLY, "jht.partial_inactive", None),
    ],
)
def test_a_case_gets_its_code(
    given: ClaimCase, reason: ClaimReason, code: EligibilityCode, key: str, since: date | None
) -> None:
    answer = judge(given, reason)

    assert (answer.code, answer.decision.key, answer.available_from) == (code, key, since)
    assert answer.eligible is (code is E.ELIGIBLE)
    assert answer.step_up_required


def test_every_code_is_in_the_cases() -> None:
    marks = test_a_case_gets_its_code.pytestmark  # type: ignore[attr-defined]  # pytest keeps the cases there
    assert {row[2] for row in marks[0].args[1]} == set(E)


@pytest.mark.parametrize(
    ("left", "today", "code"),
    [
        (date(2026, 10, 23), date(2026, 11, 22), E.WAITING_PERIOD),
        (date(2026, 10, 23), date(2026, 11, 23), E.ELIGIBLE),
        (date(2026, 1, 31), date(2026, 2, 27), E.WAITING_PERIOD),
        (date(2026, 1, 31), date(2026, 2, 28), E.ELIGIBLE),
    ],
)
def test_the_wait_is_one_month(left: date, today: date, code: EligibilityCode) -> None:
    given = case(membership(inactive_since=left, last_contribution=f"{left:%Y-%m}"), today=today)

    assert judge(given, R.RESIGNED).code is code


@pytest.mark.parametrize(
    ("birth", "today", "code"),
    [
        (date(1970, 11, 24), TODAY, E.AGE_NOT_REACHED),
        (date(1970, 11, 23), TODAY, E.ELIGIBLE),
        (date(1972, 2, 29), date(2028, 2, 28), E.AGE_NOT_REACHED),
        (date(1972, 2, 29), date(2028, 2, 29), E.ELIGIBLE),
    ],
)
def test_at_56_work_elsewhere_does_not_matter(birth: date, today: date, code: EligibilityCode) -> None:
    assert judge(replace(WORKING, birth_date=birth, today=today), R.RETIREMENT_AGE).code is code


def test_who_was_retired_by_the_employer_need_not_be_56() -> None:
    retired = case(membership(leave_reason=LeaveReason.RETIRED, inactive_since=date(2026, 11, 20)))

    assert judge(retired, R.RETIREMENT_AGE).code is E.ELIGIBLE


def test_fifteen_million_go_by_phone_without_documents_and_a_rupiah_more_does_not() -> None:
    phone, online = judge(case(amount=15_000_000), R.RESIGNED), judge(case(amount=15_000_001), R.RESIGNED)

    assert phone.channels == (ClaimChannel.MOBILE, ClaimChannel.ONLINE, ClaimChannel.BRANCH)
    assert not any(one.required for one in phone.requirements)
    assert online.channels == (ClaimChannel.ONLINE, ClaimChannel.BRANCH)
    assert [one.kind for one in online.requirements if one.required] == [
        DocumentKind.CARD,
        DocumentKind.KTP,
        DocumentKind.RESIGNATION_LETTER,
    ]
    assert judge(case(amount=1), R.DEATH).channels == (ClaimChannel.BRANCH,)
    assert judge(replace(WORKING, balances={"99260000004": 1}), R.PARTIAL_10).channels[0] is ClaimChannel.ONLINE


def test_a_sent_in_document_is_seen_in_the_requirements() -> None:
    sent = Document(
        *(7, 1, DocumentKind.KTP, "ktp.png", "image/png", 70, "00"),
        *(datetime(2026, 11, 23, tzinfo=UTC), None, DocumentState.UPLOADED, None),
    )

    answer = judge(case(documents=(sent,)), R.RESIGNED)

    states = {one.kind: (one.state, one.document) for one in answer.requirements}
    assert states[DocumentKind.KTP] == (DocumentState.UPLOADED, sent)
    assert states[DocumentKind.CARD] == (DocumentState.MISSING, None)


@pytest.mark.parametrize(
    ("given", "reason", "gross", "tax", "rule"),
    [
        # Golden numbers of domain notes 4.3.
        (WORKING, R.PARTIAL_10, 18_500_000, 0, TaxRule.FINAL_0_5),
        (WORKING, R.PARTIAL_30, 55_500_000, 275_000, TaxRule.FINAL_0_5),
        (case(amount=50_000_000), R.RESIGNED, 50_000_000, 0, TaxRule.FINAL_0_5),
        (case(amount=75_000_000), R.RESIGNED, 75_000_000, 1_250_000, TaxRule.FINAL_0_5),
        (case(amount=120_000_000), R.RESIGNED, 120_000_000, 3_500_000, TaxRule.FINAL_0_5),
        (
            case(amount=30_000_000, payments=(Payment(date(2025, 3, 1), 40_000_000),)),
            R.RESIGNED,
            30_000_000,
            1_000_000,
            TaxRule.FINAL_0_5,
        ),
        (
            case(amount=60_000_000, payments=(Payment(date(2022, 11, 23), 40_000_000),)),
            R.RESIGNED,
            60_000_000,
            3_000_000,
            TaxRule.ARTICLE_17,
        ),
        (
            case(amount=120_000_000, payments=(Payment(date(2024, 12, 31), 1),), has_npwp=False),
            R.RESIGNED,
            120_000_000,
            14_400_000,
            TaxRule.ARTICLE_17_NO_NPWP,
        ),
        (
            case(amount=300_000_000, payments=(Payment(date(2024, 12, 31), 1),)),
            R.RESIGNED,
            300_000_000,
            44_000_000,
            TaxRule.ARTICLE_17,
        ),
    ],
)
def test_the_quote_follows_the_tax_rule(
    given: ClaimCase, reason: ClaimReason, gross: int, tax: int, rule: TaxRule
) -> None:
    quote = quote_claim(given, reason)

    assert quote is not None
    assert (quote.gross, quote.tax, quote.net, quote.rule) == (gross, tax, gross - tax, rule)


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        (case(amount=50_000_000), False),
        (case(amount=50_000_001), True),
        (case(amount=1_000_000, partial_taken=True), True),
        (case(amount=0), False),
    ],
)
def test_the_tax_number_is_asked_above_fifty_million_or_after_a_partial_claim(given: ClaimCase, needed: bool) -> None:
    assert judge(given, R.RESIGNED).npwp_required is needed


def test_a_payout_is_split_to_the_rupiah() -> None:
    two = replace(case(active("99260000004"), active("99260000005")), balances={"99260000004": 7, "99260000005": 6})

    assert split_gross(two, R.PARTIAL_30, 3) == {"99260000004": 1, "99260000005": 2}
    assert split_gross(two, R.RETIREMENT_AGE, 13) == {"99260000004": 7, "99260000005": 6}


def test_ten_answers_take_at_most_five_milliseconds() -> None:
    judge_all(RESIGNED)
    started = time.perf_counter()
    for _ in range(20):
        assert len(judge_all(WORKING)) == 10

    assert (time.perf_counter() - started) / 20 < 0.005
