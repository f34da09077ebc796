"""Tax on JHT payouts: the final tariff inside two calendar years, article 17 after them."""

import json
from datetime import date

import pytest

from gateway.domain.datafile import BadDataFile
from gateway.domain.tax import Payment, TaxRule, load_tariffs, parse_tariffs, quote_tax

TODAY = date(2026, 11, 23)
LONG_AGO = Payment(date(2022, 11, 23), 18_500_000)


@pytest.mark.parametrize(("gross", "tax"), [(0, 0), (50_000_000, 0), (75_000_000, 1_250_000), (120_000_000, 3_500_000)])
def test_a_lump_sum_is_taxed_finally(gross: int, tax: int) -> None:
    # Source: domain notes 4.3.
    quote = quote_tax(gross, TODAY)

    assert (quote.tax, quote.net, quote.rule) == (tax, gross - tax, TaxRule.FINAL_0_5)


def test_payouts_inside_the_window_add_up() -> None:
    # Source: domain notes 4.3: 40 million, then 30 million.
    first = quote_tax(40_000_000, date(2026, 3, 2))
    second = quote_tax(30_000_000, date(2027, 12, 31), earlier=[Payment(date(2026, 3, 2), 40_000_000)])

    assert (first.tax, second.tax, second.rule) == (0, 1_000_000, TaxRule.FINAL_0_5)


def test_the_third_calendar_year_begins_on_the_first_of_january() -> None:
    earlier = [Payment(date(2025, 12, 31), 40_000_000)]

    assert quote_tax(30_000_000, date(2026, 12, 31), earlier=earlier).rule is TaxRule.FINAL_0_5
    assert quote_tax(30_000_000, date(2027, 1, 1), earlier=earlier).rule is TaxRule.ARTICLE_17


@pytest.mark.parametrize(
    ("gross", "tax"), [(60_000_000, 3_000_000), (120_000_000, 12_000_000), (300_000_000, 44_000_000)]
)
def test_a_later_payout_falls_under_article_17(gross: int, tax: int) -> None:
    # Source: domain notes 4.3.
    quote = quote_tax(gross, TODAY, earlier=[LONG_AGO])

    assert (quote.tax, quote.rule) == (tax, TaxRule.ARTICLE_17)


def test_without_npwp_article_17_takes_a_fifth_more() -> None:
    # Source: domain notes 4.3.
    quote = quote_tax(120_000_000, TODAY, earlier=[LONG_AGO], has_npwp=False)

    assert (quote.tax, quote.net, quote.rule) == (14_400_000, 105_600_000, TaxRule.ARTICLE_17_NO_NPWP)
    assert quote_tax(120_000_000, TODAY, has_npwp=False).tax == 3_500_000


def test_later_payouts_of_one_year_add_up_and_start_anew_in_the_next() -> None:
    earlier = [LONG_AGO, Payment(date(2025, 2, 3), 60_000_000), Payment(date(2026, 2, 3), 60_000_000)]

    assert quote_tax(60_000_000, TODAY, earlier=earlier).tax == 9_000_000
    assert quote_tax(60_000_000, date(2027, 1, 4), earlier=earlier).tax == 3_000_000


def test_before_2022_the_first_step_of_article_17_was_50_million() -> None:
    assert quote_tax(60_000_000, date(2021, 12, 31), earlier=[Payment(date(2018, 1, 1), 1)]).tax == 4_000_000


def test_a_payout_still_to_come_does_not_count() -> None:
    assert quote_tax(60_000_000, TODAY, earlier=[Payment(date(2027, 1, 1), 50_000_000)]).tax == 500_000


def test_every_tariff_names_its_source() -> None:
    assert all(len(tariff.validity.source) > 20 for tariff in load_tariffs())


def _table(*brackets: dict[str, object], **changed: object) -> str:
    dated = {"validFrom": "2000-01-01", "validTo": None, "source": "assumed", "isAssumption": True}
    tariff = {"kind": "FINAL", "noNpwpFactor": "1", "brackets": list(brackets)} | dated | changed
    other = {"kind": "ARTICLE_17", "noNpwpFactor": "1.2", "brackets": [{"upTo": None, "rate": "0.05"}]} | dated
    return json.dumps({"tariffs": [tariff, other]})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (_table(), r"tariffs\[0\]\.brackets: must hold steps"),
        (_table({"upTo": 5, "rate": "0"}), r"tariffs\[0\]\.brackets: must hold steps, the last one open"),
        (
            _table({"upTo": 5, "rate": "0"}, {"upTo": 5, "rate": "0.1"}),
            r"tariffs\[0\]\.brackets\[1\]\.upTo: must be more",
        ),
        (_table({"upTo": None, "rate": "0"}, {"upTo": 9, "rate": "0.1"}), r"brackets\[1\]\.upTo: must be more than"),
        (_table({"upTo": None, "rate": "5"}), r"tariffs\[0\]\.brackets\[0\]\.rate: must be a decimal text"),
        (_table({"upTo": None, "rate": "0"}, kind="FLAT"), r"tariffs\[0\]\.kind: must be FINAL or ARTICLE_17"),
        (
            _table({"upTo": None, "rate": "0"}, kind="ARTICLE_17"),
            r"tariffs\[1\]\.validFrom: follows one that never ends",
        ),
        (
            _table({"upTo": None, "rate": "0"}, validTo="2020-12-31"),
            r"tariffs\[0\]\.validTo: the last one must stay open",
        ),
        ('{"tariffs": []}', "tariffs: must hold at least one entry"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadDataFile, match=rf"^tax_brackets\.json .*{place}"):
        parse_tariffs(text)
