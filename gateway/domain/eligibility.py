"""Whether JHT may be claimed: one answer for each reason, with why, what to do next, and what would be paid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from gateway.domain.benefit import JHT_AGE, JHT_WAIT
from gateway.domain.channel import ClaimChannel, channels_for
from gateway.domain.claim_document import ClaimReason, load_requirements
from gateway.domain.decision import Decision
from gateway.domain.document import Document, RequiredDocument, match_requirements
from gateway.domain.duration import move_date
from gateway.domain.member import LeaveReason, Membership, MembershipStatus, Program
from gateway.domain.tax import Payment, TaxQuote, quote_tax

# Source: PP 46/2015 article 22 (domain notes 4.1): one partial claim in a life, after ten years.
PARTIAL_SHARES: Final = {ClaimReason.PARTIAL_10: Decimal("0.10"), ClaimReason.PARTIAL_30: Decimal("0.30")}
PARTIAL_AFTER: Final = "P10Y"
# Source: domain notes 1.4: the tax number is asked above Rp50 million, or after an earlier partial claim.
NPWP_ABOVE_IDR: Final = 50_000_000

_LEAVES: Final = {
    ClaimReason.RESIGNED: frozenset({LeaveReason.RESIGNED}),
    ClaimReason.LAID_OFF: frozenset({LeaveReason.LAID_OFF}),
    ClaimReason.CONTRACT_ENDED: frozenset({LeaveReason.CONTRACT_ENDED}),
    ClaimReason.STOPPED_PAYING: frozenset({LeaveReason.STOPPED_PAYING}),
}
# Claims by phone are for the plain cases only. Source: domain notes 4.2 and 2.1; partial claims there are not known.
_BY_PHONE: Final = frozenset({ClaimReason.RETIREMENT_AGE, *_LEAVES})
_AT_BRANCH: Final = frozenset({ClaimReason.DEATH, ClaimReason.TOTAL_DISABILITY})


class EligibilityCode(StrEnum):
    """Why a claim is possible or not. Source: domain notes 4.4, by their meaning."""

    ELIGIBLE = "ELIGIBLE"
    STILL_ACTIVE = "STILL_ACTIVE"
    WAITING_PERIOD = "WAITING_PERIOD"
    AGE_NOT_REACHED = "AGE_NOT_REACHED"
    YEARS_NOT_REACHED = "YEARS_NOT_REACHED"
    PARTIAL_ALREADY_TAKEN = "PARTIAL_ALREADY_TAKEN"
    NO_BALANCE = "NO_BALANCE"
    BALANCE_PROBLEM = "BALANCE_PROBLEM"
    BALANCES_NOT_MERGED = "BALANCES_NOT_MERGED"
    MERGE_IN_PROGRESS = "MERGE_IN_PROGRESS"
    PROFILE_NOT_CONFIRMED = "PROFILE_NOT_CONFIRMED"
    DATA_CORRECTION_IN_PROGRESS = "DATA_CORRECTION_IN_PROGRESS"
    CLAIM_IN_PROGRESS = "CLAIM_IN_PROGRESS"
    REMAINDER_OF_EARLIER_CLAIM = "REMAINDER_OF_EARLIER_CLAIM"
    CONTACT_CHANGED_RECENTLY = "CONTACT_CHANGED_RECENTLY"
    HEIRS_ONLY = "HEIRS_ONLY"
    BRANCH_ONLY = "BRANCH_ONLY"


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """All that eligibility follows from, on the day `today` in Jakarta.

    `balances` holds by KPJ what could be paid out, in whole rupiah; `payments` every payout that was made, with
    or without a claim in this sandbox; `claimed_kpjs` the KPJ of paid claims on the whole balance. `partial_taken`
    is about any time in life. `cool_down_on` is the day on which a changed contact stops to matter.
    """

    birth_date: date
    memberships: Sequence[Membership]
    balances: Mapping[str, int]
    today: date
    payments: Sequence[Payment] = ()
    partial_taken: bool = False
    claimed_kpjs: frozenset[str] = frozenset()
    running_number: str | None = None
    merging: bool = False
    disputed: bool = False
    profile_confirmed: bool = True
    cool_down_on: date | None = None
    documents: Sequence[Document] = ()
    has_npwp: bool = True

    @property
    def total(self) -> int:
        """What could be paid out over all KPJ."""
        return sum(self.balances.values())

    @property
    def funded(self) -> tuple[Membership, ...]:
        """The memberships that hold money."""
        return tuple(one for one in self.memberships if self.balances.get(one.kpj, 0) > 0)


@dataclass(frozen=True, slots=True)
class ClaimEligibility:
    """The answer for one reason. `quote` is None where there is nothing to be paid."""

    reason: ClaimReason
    code: EligibilityCode
    decision: Decision
    available_from: date | None
    channels: tuple[ClaimChannel, ...]
    step_up_required: bool
    npwp_required: bool
    requirements: tuple[RequiredDocument, ...]
    quote: TaxQuote | None

    @property
    def eligible(self) -> bool:
        """Whether the claim may be sent in now."""
        return self.code is EligibilityCode.ELIGIBLE


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Why not (or ELIGIBLE), the sentences that say so, and the day on which that changes by itself."""

    code: EligibilityCode
    key: str
    since: date | None = None
    params: Mapping[str, object] | None = None


_Rule = Callable[[ClaimCase, ClaimReason], _Verdict | None]


def judge_all(case: ClaimCase) -> tuple[ClaimEligibility, ...]:
    """The answer for every reason, in their usual order. Source of the limit: 5 ms for all ten, issue of the API."""
    return tuple(judge(case, reason) for reason in ClaimReason)


def judge(case: ClaimCase, reason: ClaimReason) -> ClaimEligibility:
    """The answer for one reason: the first rule that speaks decides, the lasting obstacles before the passing ones.

    Source: PP 46/2015 article 22, Permenaker 4/2022 and domain notes 4.1 to 4.4.
    """
    verdict = next((found for rule in _RULES if (found := rule(case, reason)) is not None), None)
    if verdict is None:
        verdict = _Verdict(EligibilityCode.ELIGIBLE, "jht.eligible", case.today)
    channels = _channels(case, reason)
    quote = quote_claim(case, reason)
    needed = load_requirements()[reason]
    return ClaimEligibility(
        reason=reason,
        code=verdict.code,
        decision=Decision(verdict.key, verdict.params or ({"since": verdict.since} if verdict.since else {})),
        available_from=verdict.since,
        channels=channels,
        # Money leaves: the owner answers a code first. Source: domain notes 8 (assumed).
        step_up_required=True,
        npwp_required=quote is not None and (quote.gross > NPWP_ABOVE_IDR or case.partial_taken),
        requirements=match_requirements(needed, case.documents, all_optional=ClaimChannel.MOBILE in channels),
        quote=quote,
    )


def quote_claim(case: ClaimCase, reason: ClaimReason) -> TaxQuote | None:
    """What a claim would come to today; None without money. A share is rounded down. Source: domain notes 4.1, 4.3."""
    share = PARTIAL_SHARES.get(reason)
    gross = max(case.total, 0) if share is None else int(max(case.total, 0) * share)
    if gross <= 0:
        return None
    return quote_tax(gross, case.today, earlier=case.payments, has_npwp=case.has_npwp)


def split_gross(case: ClaimCase, reason: ClaimReason, gross: int) -> dict[str, int]:
    """By KPJ what a payout of `gross` takes: all of it in full claims, else by their shares, the last one the rest."""
    funded = [one.kpj for one in case.funded]
    if reason not in PARTIAL_SHARES:
        return {kpj: case.balances[kpj] for kpj in funded}
    split = {kpj: gross * case.balances[kpj] // case.total for kpj in funded}
    split[funded[-1]] += gross - sum(split.values())
    return split


def _channels(case: ClaimCase, reason: ClaimReason) -> tuple[ClaimChannel, ...]:
    if reason in _AT_BRANCH:
        return (ClaimChannel.BRANCH,)
    open_to_it = channels_for(case.total, case.today)
    return tuple(one for one in open_to_it if one is not ClaimChannel.MOBILE or reason in _BY_PHONE)


def _money(case: ClaimCase, _: ClaimReason) -> _Verdict | None:
    if not any(Program.JHT in one.programs for one in case.memberships):
        return _Verdict(EligibilityCode.NO_BALANCE, "jht.no_jht")
    if case.running_number is not None:
        params = {"number": case.running_number}
        return _Verdict(EligibilityCode.CLAIM_IN_PROGRESS, "jht.claim_in_progress", params=params)
    if any(amount < 0 for amount in case.balances.values()) or any(_paid_after_leaving(one) for one in case.funded):
        return _Verdict(EligibilityCode.BALANCE_PROBLEM, "jht.balance_problem")
    return None if case.total > 0 else _Verdict(EligibilityCode.NO_BALANCE, "jht.no_balance")


def _paid_after_leaving(membership: Membership) -> bool:
    """A contribution for a month after the employment ended cannot be right. Source: assumed for the sandbox."""
    left, paid = membership.inactive_since, membership.last_contribution
    return left is not None and paid is not None and paid > f"{left:%Y-%m}"


def _work_under_way(case: ClaimCase, _: ClaimReason) -> _Verdict | None:
    if case.disputed:
        return _Verdict(EligibilityCode.DATA_CORRECTION_IN_PROGRESS, "jht.data_correction")
    return _Verdict(EligibilityCode.MERGE_IN_PROGRESS, "jht.merge_in_progress") if case.merging else None


def _whose(_: ClaimCase, reason: ClaimReason) -> _Verdict | None:
    if reason is ClaimReason.DEATH:
        return _Verdict(EligibilityCode.HEIRS_ONLY, "jht.heirs_only")
    if reason is ClaimReason.TOTAL_DISABILITY:
        return _Verdict(EligibilityCode.BRANCH_ONLY, "jht.branch_only")
    return None


def _age(case: ClaimCase, reason: ClaimReason) -> _Verdict | None:
    """56, or earlier where the employer reported a retirement. Source: Permenaker 4/2022."""
    if reason is not ClaimReason.RETIREMENT_AGE:
        return None
    at_56 = move_date(case.birth_date, f"P{JHT_AGE}Y")
    retired = not _is_active(case) and any(one.leave_reason is LeaveReason.RETIRED for one in case.memberships)
    if case.today >= at_56 or retired:
        return None
    return _Verdict(EligibilityCode.AGE_NOT_REACHED, "jht.age_not_reached", at_56)


def _left(case: ClaimCase, reason: ClaimReason) -> _Verdict | None:
    """The whole balance needs every membership ended, for the reason given, a month ago."""
    if reason not in _LEAVES and reason is not ClaimReason.LEAVING_INDONESIA:
        return None
    if _is_active(case):
        return _Verdict(EligibilityCode.STILL_ACTIVE, "jht.still_active")
    if reason is ClaimReason.LEAVING_INDONESIA:
        return None
    latest = max(case.memberships, key=lambda one: one.inactive_since or date.min)
    if latest.leave_reason not in _LEAVES[reason]:
        return _Verdict(EligibilityCode.BRANCH_ONLY, "jht.reason_differs")
    assert latest.inactive_since is not None, "an ended membership says since when"
    since = move_date(latest.inactive_since, JHT_WAIT)
    return _Verdict(EligibilityCode.WAITING_PERIOD, "jht.waiting_period", since) if case.today < since else None


def _partial(case: ClaimCase, reason: ClaimReason) -> _Verdict | None:
    """Ten years of membership, still active, once in a life."""
    if reason not in PARTIAL_SHARES:
        return None
    if case.partial_taken:
        return _Verdict(EligibilityCode.PARTIAL_ALREADY_TAKEN, "jht.partial_already_taken")
    since = move_date(min(one.member_since for one in case.memberships), PARTIAL_AFTER)
    if case.today < since:
        return _Verdict(EligibilityCode.YEARS_NOT_REACHED, "jht.years_not_reached", since)
    return None if _is_active(case) else _Verdict(EligibilityCode.BRANCH_ONLY, "jht.partial_inactive")


def _one_balance(case: ClaimCase, reason: ClaimReason) -> _Verdict | None:
    funded = case.funded
    ended = any(one.status is MembershipStatus.INACTIVE for one in funded)
    if len(funded) > 1 and (ended or reason not in PARTIAL_SHARES):
        return _Verdict(EligibilityCode.BALANCES_NOT_MERGED, "jht.balances_not_merged", params={"count": len(funded)})
    if reason not in PARTIAL_SHARES and all(one.kpj in case.claimed_kpjs for one in funded):
        return _Verdict(EligibilityCode.REMAINDER_OF_EARLIER_CLAIM, "jht.remainder")
    return None


def _person(case: ClaimCase, _: ClaimReason) -> _Verdict | None:
    if not case.profile_confirmed:
        return _Verdict(EligibilityCode.PROFILE_NOT_CONFIRMED, "jht.profile_not_confirmed")
    if case.cool_down_on is not None:
        return _Verdict(EligibilityCode.CONTACT_CHANGED_RECENTLY, "jht.contact_changed", case.cool_down_on)
    return None


def _is_active(case: ClaimCase) -> bool:
    return any(one.status is MembershipStatus.ACTIVE for one in case.memberships)


_RULES: Final[tuple[_Rule, ...]] = (_money, _work_under_way, _whose, _age, _left, _partial, _one_balance, _person)
