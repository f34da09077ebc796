"""The dated tables of the money: whole, with their sources, and refused with their place when they are not."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files

import pytest

from gateway.domain.channel import ClaimChannel, channels_for, load_channel_limits, parse_channel_limits
from gateway.domain.contribution_rates import (
    find_ceiling,
    list_rates,
    load_contribution_rates,
    load_wage_ceilings,
    parse_contribution_rates,
    parse_wage_ceilings,
)
from gateway.domain.datafile import BadDataFile
from gateway.domain.dated import Dated
from gateway.domain.member import Program
from gateway.domain.pension import (
    load_pension_ages,
    load_pension_amounts,
    parse_pension_ages,
    parse_pension_amounts,
)
from gateway.domain.tables import load_tables
from gateway.domain.tariff import load_discounts, load_tariffs, parse_discounts, parse_tariffs
from gateway.domain.tax import load_tariffs as load_tax_tariffs

DATED = {"validFrom": "2020-01-01", "validTo": None, "source": "assumed", "isAssumption": True}
TABLES: dict[str, Callable[[], Sequence[Dated]]] = {
    "contribution rates": load_contribution_rates,
    "wage ceilings": load_wage_ceilings,
    "self-employed": lambda: load_tariffs().self_employed,
    "migrant": lambda: load_tariffs().migrant,
    "construction": lambda: load_tariffs().construction,
    "discounts": load_discounts,
    "tax": load_tax_tariffs,
    "channel limits": load_channel_limits,
    "pension ages": load_pension_ages,
    "pension amounts": load_pension_amounts,
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_entry_names_its_source_and_says_what_is_assumed(table: Callable[[], Sequence[Dated]]) -> None:
    for entry in table():
        validity = entry.validity
        assert len(validity.source) > 20
        assert not (validity.source.startswith("Assumed") and not validity.is_assumption)


def test_figures_that_the_notes_only_compute_are_marked_as_assumptions() -> None:
    # Source: domain notes 3: the ceilings of 2021 and 2022 are known by the formula alone.
    marked = {ceiling.validity.valid_from.year for ceiling in load_wage_ceilings() if ceiling.validity.is_assumption}

    assert marked == {2021, 2022, 2027}


def test_the_rates_of_a_program_on_a_day_are_told() -> None:
    before = [(rate.payer.value, str(rate.rate)) for rate in list_rates(Program.JKP, date(2025, 2, 6))]
    after = [(rate.payer.value, str(rate.rate)) for rate in list_rates(Program.JKP, date(2025, 2, 7))]

    # Source: domain notes 3: 0.46 % until 6 February 2025, 0.36 % from then on.
    assert before == [("STATE", "0.0022"), ("EMPLOYER", "0.0014"), ("EMPLOYER", "0.0010")]
    assert after == [("STATE", "0.0022"), ("EMPLOYER", "0.0014")]


def test_jht_has_no_ceiling_and_jp_had_none_before_it_began() -> None:
    assert find_ceiling(Program.JHT, date(2026, 11, 1)) is None
    assert find_ceiling(Program.JP, date(2015, 6, 30)) is None


@pytest.mark.parametrize(
    ("balance", "on", "channels"),
    [
        (10_000_000, date(2025, 4, 30), "MOBILE ONLINE BRANCH"),
        (10_000_001, date(2025, 4, 30), "ONLINE BRANCH"),
        (15_000_000, date(2025, 5, 1), "MOBILE ONLINE BRANCH"),
        (15_000_001, date(2026, 11, 23), "ONLINE BRANCH"),
        (1, date(2021, 8, 31), "ONLINE BRANCH"),
    ],
)
def test_the_phone_pays_out_up_to_its_limit(balance: int, on: date, channels: str) -> None:
    # Source: domain notes 4.2: Rp15 million since May 2025, Rp10 million before.
    assert channels_for(balance, on) == tuple(ClaimChannel(name) for name in channels.split())


RATE = {"segment": "PU", "program": "JHT", "payer": "EMPLOYER", "rate": "0.037"} | DATED
BOUNDS = {"program": "JKK", "minimum": 1, "maximum": 2} | DATED
MIGRANT = {
    "beforeWork": 1,
    "packages": [{"months": 6, "amount": 1}],
    "extraMonth": 1,
    "jhtMinimum": 1,
    "jhtMaximum": 2,
} | DATED
BUILDING = {"bands": [{"upTo": None, "jkk": "0.1", "jkm": "0.1"}]} | DATED
DISCOUNT = {"group": "BPU_OTHER", "programs": ["JKK"], "share": "0.5"} | DATED


def _tariffs(**changed: object) -> dict[str, object]:
    return {"selfEmployed": [BOUNDS], "migrant": [MIGRANT], "construction": [BUILDING]} | changed


@pytest.mark.parametrize(
    ("parse", "content", "place"),
    [
        (parse_contribution_rates, {"rates": []}, "rates: must hold at least one"),
        (parse_contribution_rates, {"rates": [RATE | {"rate": "0.26"}]}, r"rates\[0\]\.rate: must be a decimal"),
        (parse_contribution_rates, {"rates": [RATE | {"payer": "ME"}]}, r"rates\[0\]\.payer: is no payer"),
        (parse_contribution_rates, {"rates": [RATE | {"jkkRisk": "NONE"}]}, r"rates\[0\]\.jkkRisk: is no risk class"),
        (parse_contribution_rates, {"rates": [RATE | {"note": 1}]}, r"rates\[0\]\.note: is not known here"),
        (
            parse_contribution_rates,
            {"rates": [RATE | {"isAssumption": None}]},
            r"rates\[0\]\.isAssumption: must be true",
        ),
        (parse_contribution_rates, {"rates": [RATE | {"source": ""}]}, r"rates\[0\]\.source: must be a text"),
        (
            parse_contribution_rates,
            {"rates": [RATE | {"validTo": "2019-12-31"}]},
            r"rates\[0\]\.validTo: must not be before",
        ),
        (parse_contribution_rates, {"rates": [RATE | {"validTo": "2020-12-31"}]}, r"rates\[0\]\.validTo: the last one"),
        (parse_contribution_rates, {"rates": [RATE, RATE]}, r"rates\[1\]\.validFrom: follows one that never ends"),
        (
            parse_contribution_rates,
            {"rates": [RATE | {"validTo": "2020-12-31"}, RATE | {"validFrom": "2021-02-01"}]},
            r"rates\[1\]\.validFrom: leaves a gap after 2020-12-31",
        ),
        (
            parse_contribution_rates,
            {"rates": [RATE | {"validTo": "2020-12-31"}, RATE | {"validFrom": "2020-12-31"}]},
            r"rates\[1\]\.validFrom: overlaps the one until 2020-12-31",
        ),
        (
            parse_wage_ceilings,
            {"ceilings": [{"program": "JP", "ceiling": 0} | DATED]},
            r"ceilings\[0\]\.ceiling: must be more than 0",
        ),
        (
            parse_wage_ceilings,
            {"ceilings": [{"program": "JX", "ceiling": 1} | DATED]},
            r"ceilings\[0\]\.program: is no program",
        ),
        (
            parse_tariffs,
            _tariffs(selfEmployed=[BOUNDS | {"maximum": 0}]),
            r"selfEmployed\[0\]\.maximum: must not be below",
        ),
        (
            parse_tariffs,
            _tariffs(migrant=[MIGRANT | {"packages": []}]),
            r"migrant\[0\]\.packages: must hold at least one",
        ),
        (
            parse_tariffs,
            _tariffs(migrant=[MIGRANT | {"packages": [{"months": 0, "amount": 1}]}]),
            r"migrant\[0\]\.packages\[0\]\.months: must be more than 0",
        ),
        (
            parse_tariffs,
            _tariffs(migrant=[MIGRANT | {"jhtMaximum": 0}]),
            r"migrant\[0\]\.jhtMaximum: must not be below",
        ),
        (
            parse_tariffs,
            _tariffs(construction=[BUILDING | {"bands": [{"upTo": 5, "jkk": "0.1", "jkm": "0.1"}]}]),
            r"construction\[0\]\.bands: must hold steps, the last one open",
        ),
        (parse_discounts, {"discounts": [DISCOUNT | {"share": "1.5"}]}, r"discounts\[0\]\.share: must be a decimal"),
        (
            parse_discounts,
            {"discounts": [DISCOUNT | {"programs": ["JX"]}]},
            r"discounts\[0\]\.programs: names a program",
        ),
        (
            parse_discounts,
            {"discounts": [DISCOUNT | {"programs": []}]},
            r"discounts\[0\]\.programs: must name at least",
        ),
        (
            parse_discounts,
            {"discounts": [DISCOUNT | {"programs": 5}]},
            r"discounts\[0\]\.programs: must be a list of texts",
        ),
        (parse_discounts, {"discounts": [DISCOUNT | {"group": "ALL"}]}, r"discounts\[0\]\.group: is no group"),
        (
            parse_channel_limits,
            {"limits": [{"channel": "POST", "highestBalance": 1} | DATED]},
            r"limits\[0\]\.channel: is no channel",
        ),
        (
            parse_channel_limits,
            {"limits": [{"channel": "MOBILE", "highestBalance": -1} | DATED]},
            r"limits\[0\]\.highestBalance: must be a whole number",
        ),
        (parse_pension_ages, {"ages": [{"age": "56"} | DATED]}, r"ages\[0\]\.age: must be a whole number"),
        (
            parse_pension_amounts,
            {"amounts": [{"minimum": 5, "maximum": 4} | DATED]},
            r"amounts\[0\]\.maximum: must not be below the minimum",
        ),
    ],
)
def test_a_broken_table_is_refused_with_its_place(
    parse: Callable[[str], object], content: dict[str, object], place: str
) -> None:
    with pytest.raises(BadDataFile, match=place):
        parse(json.dumps(content))


def test_the_files_are_all_read() -> None:
    found = {file.name for file in (files("gateway.domain") / "data").iterdir() if file.name.endswith(".json")}

    assert found >= {
        *("contribution_rates.json", "wage_ceilings.json", "tariffs.json", "discounts.json", "development_rates.json"),
        *("tax_brackets.json", "channel_limits.json", "pension_ages.json", "pension_amounts.json"),
    }


def test_all_tables_are_read_at_once() -> None:
    load_tables()
