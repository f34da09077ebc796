"""The docs name everything that can be set or answered, and nothing else."""

import re
from pathlib import Path

from gateway.domain.policy import Policy
from gateway.domain.problem import Code
from gateway.settings import Settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOP_LEVEL = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "BAD_USER_INPUT",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "RATE_LIMITED (top level)",
    "UNAVAILABLE",
    "INTERNAL",
}


def headings(name: str) -> list[str]:
    return re.findall(r"^### (.+)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)


def section(name: str, heading: str) -> str:
    text = (DOCS / name).read_text(encoding="utf-8")
    return text.partition(f"### {heading}\n")[2].partition("\n#")[0]


def test_every_error_code_has_one_heading() -> None:
    assert sorted(headings("errors.md")) == sorted({code.value for code in Code} | TOP_LEVEL)


def test_every_refusal_names_its_type_and_how_to_reach_it() -> None:
    types = ("FieldError", "RateLimitError", "OtpError", "StateError", "ServiceError", "EligibilityError")

    for code in Code:
        said = section("errors.md", code.value)
        assert said.startswith(types), code
        assert "Reach it:" in said, code


def test_every_setting_has_one_heading() -> None:
    assert sorted(headings("settings.md")) == sorted(f"PESERTA_{name.upper()}" for name in Settings.model_fields)


def test_every_setting_says_its_default() -> None:
    for name, field in Settings.model_fields.items():
        said = section("settings.md", f"PESERTA_{name.upper()}")
        shown = "Not set" if field.default is None else f"`{field.default}`"
        assert said.startswith(shown), name


def test_every_number_of_the_policy_is_marked_as_an_assumption() -> None:
    for name in set(Policy.__slots__) & set(Settings.model_fields):
        assert "Assumption." in section("settings.md", f"PESERTA_{name.upper()}"), name


def test_decisions_are_numbered_once_and_fit_a_page() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [record.name[:4] for record in records]

    assert len(numbers) == len(set(numbers))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. "), record.name
        assert text.count("\n") <= 60, record.name
