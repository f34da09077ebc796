"""The sign-up's form: normalised as a whole, or refused field by field."""

from datetime import date

import pytest

from gateway.domain.problem import Code, Refusal
from gateway.domain.registration import OPEN_STATES, RegistrationForm, RegistrationState, check_form

TODAY = date(2026, 11, 23)
TYPED = {
    "kpj": "9926 0000 001",
    "nik": "3171 9914 0388 9001",
    "birth_date": "14/03/1988",
    "phone": "0840 0000 0001",
    "email": "Budi@Peserta.test",
}


def test_a_form_as_people_type_it_is_normalised() -> None:
    assert check_form(**TYPED, today=TODAY) == RegistrationForm(
        "99260000001", "3171991403889001", date(1988, 3, 14), "+6284000000001", "budi@peserta.test"
    )


@pytest.mark.parametrize(
    ("name", "path", "code"),
    [
        ("kpj", "kpj", Code.INVALID_KPJ),
        ("nik", "nik", Code.INVALID_NIK),
        ("birth_date", "birthDate", Code.INVALID_BIRTH_DATE),
        ("phone", "phone", Code.INVALID_PHONE),
        ("email", "email", Code.INVALID_EMAIL),
    ],
)
def test_one_bad_field_is_named_alone(name: str, path: str, code: Code) -> None:
    for typed, expected in (("nonsense", code), ("  ", Code.REQUIRED), ("", Code.REQUIRED)):
        with pytest.raises(Refusal) as caught:
            check_form(**(TYPED | {name: typed}), today=TODAY)

        assert [(problem.code, problem.field) for problem in caught.value.problems] == [(expected, (path,))]


def test_all_bad_fields_are_named_in_the_forms_order() -> None:
    with pytest.raises(Refusal) as caught:
        check_form(kpj="1", nik="", birth_date="2027-01-01", phone="1", email="1", today=TODAY)

    assert [(problem.code, problem.field) for problem in caught.value.problems] == [
        (Code.INVALID_KPJ, ("kpj",)),
        (Code.REQUIRED, ("nik",)),
        (Code.INVALID_BIRTH_DATE, ("birthDate",)),
        (Code.INVALID_PHONE, ("phone",)),
        (Code.INVALID_EMAIL, ("email",)),
    ]


def test_no_typed_value_stands_in_a_refusal() -> None:
    with pytest.raises(Refusal) as caught:
        check_form(**(TYPED | {"nik": "317199140388900"}), today=TODAY)

    assert "317199140388900" not in repr(caught.value) + repr(caught.value.problems)


def test_three_states_are_open_and_the_others_are_ends() -> None:
    assert set(RegistrationState) - set(OPEN_STATES) == {"ACTIVE", "EXPIRED", "LOCKED", "CANCELLED"}
