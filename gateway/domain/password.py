"""Password rules: length, strength and no identity inside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.domain.policy import Policy
from gateway.domain.problem import Code


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """How a password does: `score` 0 to 4 as zxcvbn gives it, and every rule it does not meet."""

    score: int
    unmet: tuple[Code, ...]


def identity_of(kpj: str, nik: str, birth_date: date) -> tuple[str, ...]:
    """What a password must not contain: the two numbers and the ways to write the birth date."""
    shapes = ("%Y%m%d", "%d%m%Y", "%d%m%y", "%y%m%d", "%Y-%m-%d", "%d-%m-%Y")
    return (kpj, nik, *(birth_date.strftime(shape) for shape in shapes))


def check_password(password: str, score: int, identity: Iterable[str], policy: Policy) -> PasswordCheck:
    """Every rule that `password` breaks; `score` is its strength (0-4).

    Source: assumed for the sandbox (domain notes 1.5: the real rule is not published).
    """
    unmet = []
    if len(password) < policy.password_min_length:
        unmet.append(Code.PASSWORD_TOO_SHORT)
    if len(password) > policy.password_max_length:
        unmet.append(Code.PASSWORD_TOO_LONG)
    elif score < policy.password_min_score:
        unmet.append(Code.PASSWORD_TOO_WEAK)
    if any(part in password for part in identity):
        unmet.append(Code.PASSWORD_CONTAINS_IDENTITY)
    return PasswordCheck(score, tuple(unmet))
