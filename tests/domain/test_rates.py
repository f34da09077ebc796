"""The table of development rates, and how a broken one is refused."""

import json
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.datafile import BadDataFile
from gateway.domain.rates import load_rates, monthly_factor, parse_rates, rate_on


def _table(*entries: dict[str, object]) -> str:
    plain = {"rate": "0.05", "source": "assumed", "isAssumption": True, "validTo": None}
    return json.dumps({"rates": [plain | entry for entry in entries]})


@pytest.mark.parametrize(
    ("year", "rate", "is_assumption"),
    [
        (1985, "0.0550", True),
        (2010, "0.0550", True),
        (2011, "0.1010", False),
        (2012, "0.1010", False),
        (2013, "0.0550", True),
        (2015, "0.0550", True),
        (2016, "0.0719", False),
        (2017, "0.0783", False),
        (2018, "0.0626", False),
        (2019, "0.0606", False),
        (2020, "0.0563", False),
        (2021, "0.0550", True),
        (2026, "0.0550", True),
        (2080, "0.0550", True),
    ],
)
def test_a_year_has_its_rate_and_says_whether_it_is_assumed(year: int, rate: str, is_assumption: bool) -> None:
    found = rate_on(load_rates(), year)

    assert (found.rate, found.is_assumption) == (Decimal(rate), is_assumption)


def test_every_rate_names_its_source() -> None:
    assert all(len(rate.source) > 20 for rate in load_rates())
    assert all(rate.source.startswith("Assumed for the sandbox") is rate.is_assumption for rate in load_rates())


def test_a_year_before_the_table_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="1899"):
        rate_on(load_rates(), 1899)


def test_twelve_months_grow_as_much_as_the_year() -> None:
    assert abs(monthly_factor(Decimal("0.0563")) ** 12 - Decimal("1.0563")) < Decimal("1e-26")


def test_dates_are_read_with_their_bounds() -> None:
    rates = parse_rates(_table({"validFrom": "2020-01-01", "validTo": "2021-12-31"}, {"validFrom": "2022-01-01"}))

    assert [(rate.valid_from, rate.valid_to) for rate in rates] == [
        (date(2020, 1, 1), date(2021, 12, 31)),
        (date(2022, 1, 1), None),
    ]


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        ([], "rates: must hold at least one rate"),
        ([{"validFrom": "2020-02-01"}], r"rates\[0\]\.validFrom: must be a 1 January"),
        ([{"validFrom": "soon"}], r"rates\[0\]\.validFrom: must be a date"),
        ([{"validFrom": "2020-01-01", "validTo": "2020-06-30"}], r"rates\[0\]\.validTo: must be a 31 December"),
        ([{"validFrom": "2020-01-01", "validTo": "2019-12-31"}], r"rates\[0\]\.validTo: must be a 31 December"),
        ([{"validFrom": "2020-01-01", "validTo": "2020-12-31"}], r"rates\[0\]\.validTo: the last rate must stay open"),
        (
            [{"validFrom": "2020-01-01", "validTo": "2020-12-31"}, {"validFrom": "2022-01-01"}],
            r"rates\[1\]\.validFrom: leaves a gap after 2020-12-31",
        ),
        (
            [{"validFrom": "2020-01-01", "validTo": "2021-12-31"}, {"validFrom": "2021-01-01"}],
            r"rates\[1\]\.validFrom: overlaps the rate until 2021-12-31",
        ),
        (
            [{"validFrom": "2020-01-01"}, {"validFrom": "2021-01-01"}],
            r"rates\[1\]\.validFrom: follows a rate that never ends",
        ),
        ([{"validFrom": "2020-01-01", "rate": "5.5"}], r"rates\[0\]\.rate: must be a decimal text"),
        ([{"validFrom": "2020-01-01", "rate": "-0.01"}], r"rates\[0\]\.rate: must be a decimal text"),
        ([{"validFrom": "2020-01-01", "rate": "NaN"}], r"rates\[0\]\.rate: must be a decimal text"),
        ([{"validFrom": "2020-01-01", "rate": "five"}], r"rates\[0\]\.rate: must be a decimal text"),
        ([{"validFrom": "2020-01-01", "rate": 0.05}], r"rates\[0\]\.rate: must be a text"),
        ([{"validFrom": "2020-01-01", "source": " "}], r"rates\[0\]\.source: must be a text"),
        ([{"validFrom": "2020-01-01", "isAssumption": None}], r"rates\[0\]\.isAssumption: must be true or false"),
        ([{"validFrom": "2020-01-01", "isAssumption": "yes"}], r"rates\[0\]\.isAssumption: must be true or false"),
        ([{"validFrom": "2020-01-01", "note": "x"}], r"rates\[0\]\.note: is not known here"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(entries: list[dict[str, object]], place: str) -> None:
    with pytest.raises(BadDataFile, match=rf"^development_rates\.json {place}"):
        parse_rates(_table(*entries))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"rates": 1}', "rates: must be a list"),
        ('{"rates": [1]}', r"rates\[0\]: must be an object"),
        ('{"rates": [], "rates": []}', "rates stands twice in one object"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadDataFile, match=rf"^development_rates\.json:? {reason}"):
        parse_rates(text)
