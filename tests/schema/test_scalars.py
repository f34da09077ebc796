"""Each scalar takes and gives exactly its form, and says so once when it is given another."""

import pytest

from tests.schema.toy import make_context, make_toy

FIELDS = {
    "rupiah": ("amount", "Rupiah"),
    "day": ("on", "Date"),
    "instant": ("at", "DateTime"),
    "length": ("of", "Duration"),
    "month": ("of", "YearMonth"),
    "rate": ("of", "Rate"),
    "url": ("of", "URL"),
    "json": ("of", "JSON"),
}


async def give(field: str, value: object):
    argument, scalar = FIELDS[field]
    document = f"query ($value: {scalar}!) {{ {field}({argument}: $value) }}"
    return await make_toy().execute(document, {"value": value}, context=make_context())


@pytest.mark.parametrize(
    ("field", "value", "answered"),
    [
        ("rupiah", 9_007_199_254_740_991, 9_007_199_254_740_991),
        ("rupiah", -1, -1),
        ("day", "2028-02-29", "2028-02-29"),
        ("instant", "2026-03-14T09:00:00Z", "2026-03-14T09:00:00Z"),
        ("instant", "2026-03-14T09:00:00+07:00", "2026-03-14T02:00:00Z"),
        ("instant", "2026-03-14t09:00:00.123456789z", "2026-03-14T09:00:00.123456Z"),
        ("length", "PT90M", "PT1H30M"),
        ("length", "P1D", "P1D"),
        ("month", "2026-12", "2026-12"),
        ("rate", "0.0570", "0.057"),
        ("rate", "0", "0"),
        ("rate", "100", "100"),
        ("url", "http://127.0.0.1:8400/w/a/x?y=1", "http://127.0.0.1:8400/w/a/x?y=1"),
        ("json", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
    ],
)
async def test_value_in_its_form_comes_back(field: str, value: object, answered: object):
    answer = await give(field, value)

    assert answer.body() == {"data": {field: answered}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rupiah", 9_007_199_254_740_992),
        ("rupiah", 1.0),
        ("rupiah", "1"),
        ("rupiah", True),
        ("day", "2026-02-29"),
        ("day", "2026-2-1"),
        ("day", "20260201"),
        ("day", "٢٠٢٦-02-01"),
        ("day", 20260201),
        ("instant", "2026-03-14"),
        ("instant", "2026-03-14T09:00:00"),
        ("instant", "2026-03-14 09:00:00Z"),
        ("instant", "2026-03-14T25:00:00Z"),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("length", "P1Y"),
        ("length", "5m"),
        ("length", "P"),
        ("length", "P999999999999D"),
        ("length", 5),
        ("month", "2026-13"),
        ("month", "2026-1"),
        ("rate", "NaN"),
        ("rate", "1e3"),
        ("rate", 0.057),
        ("url", "javascript:alert(1)"),
        ("url", "http://a b"),
    ],
)
async def test_value_in_another_form_is_one_error_that_does_not_repeat_it(field: str, value: object):
    answer = await give(field, value)

    [error] = answer.errors
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert FIELDS[field][1] in error["message"]
    assert not answer.ran
    # The form that the message shows is a date of its own, which some of the bad ones are the beginning of.
    shown = "2026-03-14T09:00:00Z"
    if isinstance(value, str) and len(value) > 5:
        assert value not in error["message"].replace(shown, "")


@pytest.mark.parametrize(
    "literal", ['day(on: "2026-02-30")', "day(on: 5)", 'month(of: "x")', "rupiah(amount: 9007199254740992)"]
)
async def test_bad_literal_is_one_clear_error(literal: str):
    answer = await make_toy().execute("{ " + literal + " }", context=make_context())

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert "must be written like" in answer.errors[0]["message"]
