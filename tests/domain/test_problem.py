"""Refusals and rejections carry what the edge needs, and nothing else."""

import pytest

from gateway.domain.problem import Code, Problem, Refusal, Rejected, refuse


def test_a_refusal_names_its_codes_only() -> None:
    refusal = Refusal(Problem(Code.INVALID_KPJ, ("kpj",)), Problem(Code.INVALID_NIK, ("nik",)))

    assert [problem.code for problem in refusal.problems] == [Code.INVALID_KPJ, Code.INVALID_NIK]
    assert str(refusal) == "INVALID_KPJ, INVALID_NIK"


def test_refuse_makes_one_problem_with_its_path_and_details() -> None:
    refusal = refuse(Code.OTP_INVALID, "code", attempts_left=3)

    assert refusal.problems == (Problem(Code.OTP_INVALID, ("code",), attempts_left=3),)
    assert refusal.subject is None


def test_a_problem_without_a_path_is_about_no_field() -> None:
    assert refuse(Code.MEMBER_NOT_MATCHED).problems[0].field is None


def test_a_refusal_without_a_problem_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Refusal()


def test_a_rejection_keeps_its_extensions_apart() -> None:
    shared = {"field": "first"}
    rejected = Rejected("BAD_USER_INPUT", "request.page_size", extensions=shared)
    shared["field"] = "last"

    assert rejected.extensions == {"field": "first"}
    assert rejected.params == {}


def test_every_code_is_named_as_it_is_written() -> None:
    assert all(code.name == code.value for code in Code)
