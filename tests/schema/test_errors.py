"""Which code comes in which type, and how a refusal becomes a payload."""

from datetime import timedelta

import pytest

from gateway.domain.claim_document import ClaimReason
from gateway.domain.eligibility import judge
from gateway.domain.problem import Code, Problem
from schema.errors import (
    EligibilityError,
    FieldError,
    OtpError,
    RateLimitError,
    ServiceError,
    StateError,
    to_user_error,
)
from tests.domain.test_eligibility import RESIGNED
from tests.fakes import NOON
from tests.schema.toy import PROBLEMS, make_context, make_toy

FIELDS = "__typename code message field"
STEP = (
    "mutation ($code: String!) { step(input: {code: $code}) { flow { state } errors { " + FIELDS + " "
    "... on RateLimitError { retryAt retryAfterSeconds } ... on OtpError { attemptsLeft } "
    "... on StateError { state } ... on ServiceError { service retryable } } } }"
)
TYPES = {
    RateLimitError: {Code.RATE_LIMITED, Code.ACCOUNT_LOCKED},
    OtpError: {Code.OTP_INVALID, Code.OTP_EXPIRED, Code.OTP_LOCKED, Code.OTP_ALREADY_USED},
    StateError: {Code.WRONG_STEP, Code.FLOW_EXPIRED},
    ServiceError: {Code.SERVICE_UNAVAILABLE},
    EligibilityError: {Code.NOT_ELIGIBLE, Code.CLAIM_IN_PROGRESS},
}


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("locale", ["id", "en"])
def test_each_code_comes_in_the_type_that_the_contract_fixes(code: Code, locale: str):
    full = Problem(
        code,
        retry_at=NOON,
        state="EXPIRED",
        service=PROBLEMS["SERVICE_UNAVAILABLE"].service,
        params={"length": 6, "min": 8, "max": 64},
        eligibility=judge(RESIGNED, ClaimReason.RESIGNED),
    )

    error = to_user_error(full, locale, NOON)

    assert type(error) is next((kind for kind, codes in TYPES.items() if code in codes), FieldError)
    assert error.code is code
    assert error.message.strip()


def test_limit_says_when_to_come_back_rounded_up():
    problem = Problem(Code.RATE_LIMITED, retry_at=NOON + timedelta(seconds=59, milliseconds=1))

    error = to_user_error(problem, "en", NOON)

    assert isinstance(error, RateLimitError)
    assert (error.retry_at, error.retry_after_seconds) == (problem.retry_at, 60)


def test_limit_already_over_is_zero_seconds_away():
    error = to_user_error(Problem(Code.ACCOUNT_LOCKED, retry_at=NOON - timedelta(seconds=1)), "en", NOON)

    assert isinstance(error, RateLimitError)
    assert error.retry_after_seconds == 0


async def step(code: str) -> dict[str, object]:
    answer = await make_toy().execute(STEP, {"code": code}, context=make_context())
    assert answer.errors == ()
    return answer.data["step"]


async def test_accepted_call_has_no_errors():
    assert await step("fine") == {"flow": {"state": "DONE"}, "errors": []}


async def test_refusal_with_a_subject_fills_the_payloads_object():
    payload = await step("WRONG_STEP")

    assert payload["flow"] == {"state": "AWAITING_OTP"}
    [error] = payload["errors"]
    assert (error["__typename"], error["code"], error["state"]) == ("StateError", "WRONG_STEP", "AWAITING_OTP")


async def test_refusal_with_several_problems_lists_all_of_them():
    payload = await step("OTP_INVALID")

    assert payload["flow"] is None
    first, second = payload["errors"]
    assert (first["__typename"], first["field"], first["attemptsLeft"]) == ("OtpError", ["code"], 3)
    assert (second["__typename"], second["code"]) == ("FieldError", "REQUIRED")


async def test_outage_names_its_service():
    payload = await step("SERVICE_UNAVAILABLE")

    error = payload["errors"][0]
    assert (error["__typename"], error["service"], error["retryable"]) == ("ServiceError", "REGISTRY", True)


async def test_refusal_answers_the_defaults_of_a_payload_with_required_fields():
    answer = await make_toy().execute("mutation { count { count errors { code field } } }", context=make_context())

    assert answer.data == {"count": {"count": 0, "errors": [{"code": "INVALID_CREDENTIALS", "field": None}]}}


async def test_message_is_in_the_callers_language():
    toy, query = make_toy(), "mutation { count { errors { message } } }"

    texts = {
        locale: (await toy.execute(query, context=make_context(locale=locale))).data["count"]["errors"][0]["message"]
        for locale in ("id", "en")
    }

    assert texts["id"] != texts["en"]
