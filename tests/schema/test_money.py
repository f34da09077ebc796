"""The money of the member API: contributions, statements, simulations, programs and benefits, as they are asked for."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from gateway.models.member import MembershipRow, PersonRow
from gateway.services import clock
from tests.schema.asking import Asking, codes
from tests.services.journey import LARAS, UCOK
from tests.services.staged import StagedWorld

LINES = "lines { program payer base rate amount }"
QUOTE = f"""
query($input: ContributionQuoteInput!) {{
  contributionQuote(input: $input) {{ month {LINES} employerTotal employeeTotal total }}
}}
"""
SIMULATE = """
query($input: JhtSimulationInput!) {
  simulateJht(input: $input) {
    months openingBalance contributions development total tax taxRule net developmentRate wageGrowth
    points { period contributions development closing }
  }
}
"""
CONTRIBUTIONS = """
query($year: Int, $kpj: String, $first: Int, $after: String, $last: Int, $before: String) {
  viewer { member { contributions(year: $year, kpj: $kpj, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id month kpj wage paidOn dueOn status total lines { program payer base rate amount } }
  } } }
}
"""
HOME = """
{ viewer { member {
  fullName
  memberships { kpj status employer { name } balance { total development } }
  balance { total history { period closing } }
  contributions(first: 12) {
    nodes { month kpj wage status total lines { program amount } }
    pageInfo { hasNextPage } totalCount
  }
} } }
"""


@pytest.fixture
def asking(world: StagedWorld) -> Asking:
    return Asking(world)


async def test_a_wage_is_quoted_by_program_and_payer(asking: Asking) -> None:
    # Source: domain notes 3, asserts of November 2026.
    data = await asking.data(QUOTE, input={"wage": 15_000_000, "jkkRisk": "VERY_HIGH"})

    quote = data["contributionQuote"]
    assert quote["month"] == "2026-11"
    assert [tuple(line.values()) for line in quote["lines"]] == [
        ("JHT", "EMPLOYER", 15_000_000, "0.037", 555_000),
        ("JHT", "EMPLOYEE", 15_000_000, "0.02", 300_000),
        ("JP", "EMPLOYER", 11_086_300, "0.02", 221_726),
        ("JP", "EMPLOYEE", 11_086_300, "0.01", 110_863),
        ("JKK", "EMPLOYER", 15_000_000, "0.0174", 261_000),
        ("JKM", "EMPLOYER", 15_000_000, "0.003", 45_000),
        ("JKP", "STATE", 5_000_000, "0.0022", 11_000),
    ]
    assert (quote["employerTotal"], quote["employeeTotal"], quote["total"]) == (1_082_726, 410_863, 1_504_589)


@pytest.mark.parametrize(
    ("wanted", "amounts"),
    [
        ({"wage": 1_000_000, "segment": "BPU"}, [20_000, 5_000, 3_400]),
        ({"wage": 1_000_000, "segment": "BPU", "month": "2026-01"}, [20_000, 10_000, 6_800]),
        ({"wage": 1_000_000, "segment": "BPU", "month": "2026-01", "transport": True}, [20_000, 5_000, 3_400]),
        ({"wage": 0, "segment": "JAKON", "contractValue": 250_000_000}, [465_000, 60_000]),
        ({"wage": 0, "segment": "JAKON", "contractValue": 2_000_000_000}, [2_640_000, 310_000]),
        ({"wage": 0, "segment": "PMI", "jht": 200_000}, [200_000, 37_500, 332_500]),
        ({"wage": 5_000_000, "month": "2015-01"}, [185_000, 100_000, 12_000, 15_000]),
    ],
)
async def test_every_segment_is_quoted(asking: Asking, wanted: dict[str, Any], amounts: list[int]) -> None:
    # Source: domain notes 3.
    data = await asking.data(QUOTE, input=wanted)

    assert [line["amount"] for line in data["contributionQuote"]["lines"]] == amounts


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"wage": -1}, "wage"),
        ({"wage": 2**53 - 1}, "wage"),
        ({"wage": 1, "month": "2014-12"}, "month"),
        ({"wage": 1, "month": "0000-12"}, "month"),
        ({"wage": 1, "packageMonths": 0}, "packageMonths"),
        ({"wage": 1, "contractValue": -1}, "contractValue"),
        ({"wage": 1, "jht": -1}, "jht"),
    ],
)
async def test_an_absurd_quote_is_bad_input_with_its_field(asking: Asking, wanted: dict[str, Any], field: str) -> None:
    answer = await asking.ask(QUOTE, input=wanted)

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": field}
    assert answer["data"] == {"contributionQuote": None}


@pytest.mark.parametrize("wanted", [{"wage": 1.5}, {"wage": 2**53}, {"wage": "5"}, {"wage": 1, "month": "2026-13"}, {}])
async def test_a_value_that_is_none_never_runs(asking: Asking, wanted: dict[str, Any]) -> None:
    answer = await asking.ask(QUOTE, input=wanted)

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert "data" not in answer


async def test_the_published_example_is_simulated_to_the_rupiah(asking: Asking) -> None:
    # Source: Kemnaker, 17 February 2022 (domain notes 5.2).
    plan = {"monthlyWage": 4_000_000, "months": 60, "developmentRate": "0.057"}
    found = (await asking.data(SIMULATE, input=plan))["simulateJht"]

    assert (found["contributions"], found["development"], found["total"]) == (13_680_000, 2_120_310, 15_800_310)
    assert (found["tax"], found["taxRule"], found["net"]) == (0, "FINAL_0_5", 15_800_310)
    assert (found["developmentRate"], found["wageGrowth"], found["openingBalance"]) == ("0.057", "0", 0)
    assert [point["period"] for point in found["points"]] == ["2027-10", "2028-10", "2029-10", "2030-10", "2031-10"]
    assert found["points"][-1]["closing"] == 15_800_310


async def test_defaults_are_those_of_the_contract(asking: Asking) -> None:
    # Source: domain notes 5.3, case C2.
    found = (await asking.data(SIMULATE, input={"monthlyWage": 5_000_000, "months": 120}))["simulateJht"]

    assert (found["total"], found["developmentRate"], found["wageGrowth"]) == (44_172_736, "0.05", "0")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"monthlyWage": -1}, "monthlyWage"),
        ({"monthlyWage": 2**53 - 1}, "monthlyWage"),
        ({"months": -1}, "months"),
        ({"months": 10**9}, "months"),
        ({"openingBalance": -1}, "openingBalance"),
        ({"wageGrowth": "1.1"}, "wageGrowth"),
        ({"wageGrowth": "-0.1"}, "wageGrowth"),
        ({"developmentRate": "1.000000000000000001"}, "developmentRate"),
        ({"developmentRate": "999999999"}, "developmentRate"),
        ({"months": 1_200, "developmentRate": "1", "wageGrowth": "1"}, "months"),
    ],
)
async def test_an_absurd_simulation_is_bad_input_with_its_field(
    asking: Asking, wanted: dict[str, Any], field: str
) -> None:
    answer = await asking.ask(SIMULATE, input={"monthlyWage": 5_000_000, "months": 12} | wanted)

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": field}


async def test_the_widest_simulation_is_answered(asking: Asking) -> None:
    plan = {"monthlyWage": 5_500_000, "months": 1_200, "wageGrowth": "0.04"}
    found = (await asking.data(SIMULATE, input=plan))["simulateJht"]

    assert len(found["points"]) == 100
    assert found["total"] == 31_289_911_625


@pytest.mark.parametrize(("language", "name"), [("id", "Jaminan Hari Tua"), ("en", "Old-age savings (JHT)")])
async def test_programs_are_told_in_the_readers_language(world: StagedWorld, language: str, name: str) -> None:
    data = await Asking(world, language).data("{ programs { program name summary } }")

    assert [info["program"] for info in data["programs"]] == ["JHT", "JP", "JKK", "JKM", "JKP"]
    assert data["programs"][0]["name"] == name
    assert all(len(info["summary"]) > 40 for info in data["programs"])


async def test_rates_have_their_dates_sources_and_marks(asking: Asking) -> None:
    rates = "rates(on: $on) { segment payer rate jkkRisk includedIn wageCeiling validFrom validTo source isAssumption }"
    data = await asking.data(f"query($on: Date) {{ programs {{ program {rates} }} }}", on="2022-03-01")

    found = {info["program"]: info["rates"] for info in data["programs"]}
    jp = found["JP"][0]
    assert (jp["payer"], jp["rate"], jp["wageCeiling"], jp["isAssumption"]) == ("EMPLOYER", "0.02", 9_077_600, True)
    assert "Ceiling: Known only by the formula" in jp["source"]
    assert [rate["rate"] for rate in found["JKK"] if rate["jkkRisk"]] == [
        "0.0024",
        "0.0054",
        "0.0089",
        "0.0127",
        "0.0174",
    ]
    assert [(rate["rate"], rate["includedIn"]) for rate in found["JKP"]] == [
        ("0.0022", None),
        ("0.0014", "JKK"),
        ("0.001", "JKM"),
    ]
    assert all(rate["source"] and rate["validFrom"] <= "2022-03-01" for rates in found.values() for rate in rates)


async def test_before_there_were_rates_there_are_none(asking: Asking) -> None:
    data = await asking.data('{ programs { rates(on: "1990-01-01") { rate } } }')

    assert [info["rates"] for info in data["programs"]] == [[]] * 5


async def test_a_members_contributions_come_page_by_page(asking: Asking) -> None:
    token = await asking.token_of(LARAS.email)
    first = (await asking.data(CONTRIBUTIONS, token, first=2))["viewer"]["member"]["contributions"]
    after = first["pageInfo"]["endCursor"]
    second = (await asking.data(CONTRIBUTIONS, token, first=2, after=after))["viewer"]["member"]["contributions"]

    assert [(node["month"], node["kpj"], node["status"]) for node in first["nodes"] + second["nodes"]] == [
        ("2026-11", "99260000109", "DUE"),
        ("2026-11", "99260000009", "DUE"),
        ("2026-10", "99260000109", "PAID"),
        ("2026-10", "99260000009", "OVERDUE"),
    ]
    node = first["nodes"][0]
    assert (node["wage"], node["paidOn"], node["dueOn"], node["total"]) == (3_100_000, None, "2026-12-15", 202_740)
    assert sum(line["amount"] for line in node["lines"]) == node["total"]
    assert (first["totalCount"], second["totalCount"], second["pageInfo"]["hasPreviousPage"]) == (62, 62, True)


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"first": -1}, "BAD_USER_INPUT", "first"),
        ({"first": 10**6}, "BAD_USER_INPUT", "first"),
        ({"last": 101}, "BAD_USER_INPUT", "last"),
        ({"after": "x"}, "BAD_USER_INPUT", "after"),
        ({"year": -3}, "BAD_USER_INPUT", "year"),
        ({"kpj": "99260000001"}, "NOT_FOUND", "kpj"),
        ({"kpj": "0"}, "NOT_FOUND", "kpj"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(asking: Asking, wanted: dict[str, Any], code: str, field: str) -> None:
    answer = await asking.ask(CONTRIBUTIONS, await asking.token_of(UCOK.email), **wanted)

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": code, "field": field}


async def test_statements_come_with_the_years(asking: Asking) -> None:
    document = """{ viewer { member { statements {
      year opening contributions development paidOut closing rate rateIsAssumption
    } } } }"""
    token = await asking.token_of(UCOK.email)
    before = (await asking.data(document, token))["viewer"]["member"]["statements"]
    await clock.advance(asking.world, by=timedelta(days=365))
    token = await asking.token_of(UCOK.email)
    after = (await asking.data(document, token))["viewer"]["member"]["statements"]

    assert [one["year"] for one in before] == [2025]
    assert [one["year"] for one in after] == [2026, 2025]
    assert after[1] == before[0]
    year = after[0]
    assert (year["opening"], year["contributions"]) == (before[0]["closing"], 240_000)
    assert year["opening"] + year["contributions"] + year["development"] - year["paidOut"] == year["closing"]
    assert (year["rate"], year["rateIsAssumption"]) == ("0.055", True)


async def test_a_members_simulation_starts_from_the_real_balance(asking: Asking) -> None:
    document = """query($input: MemberSimulationInput) { viewer { member {
      balance { total }
      simulateJht(input: $input) {
        months openingBalance contributions total developmentRate wageGrowth taxRule rateIsAssumption
      }
    } } }"""
    token = await asking.token_of(UCOK.email)
    plain = (await asking.data(document, token))["viewer"]["member"]
    other = await asking.data(document, token, input={"untilAge": 30, "wageGrowth": "0.03", "developmentRate": "0.04"})

    found = plain["simulateJht"]
    # Born in September 2001: 56 in September 2057, 370 months of Rp20,000.
    assert (found["months"], found["openingBalance"]) == (370, plain["balance"]["total"])
    assert (found["contributions"], found["developmentRate"], found["wageGrowth"]) == (7_400_000, "0.055", "0")
    found = other["viewer"]["member"]["simulateJht"]
    assert (found["months"], found["developmentRate"], found["wageGrowth"]) == (58, "0.04", "0.03")
    assert (plain["simulateJht"]["rateIsAssumption"], found["rateIsAssumption"]) == (True, False)


@pytest.mark.parametrize("wanted", [{"untilAge": 0}, {"untilAge": 101}, {"wageGrowth": "2"}, {"developmentRate": "-1"}])
async def test_an_absurd_simulation_of_a_member_is_bad_input(asking: Asking, wanted: dict[str, Any]) -> None:
    document = "query($input: MemberSimulationInput) { viewer { member { simulateJht(input: $input) { total } } } }"
    answer = await asking.ask(document, await asking.token_of(UCOK.email), input=wanted)

    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": next(iter(wanted))}


@pytest.mark.parametrize(("language", "word"), [("id", "Terlindungi"), ("en", "You are covered")])
async def test_benefits_say_what_why_and_what_next(world: StagedWorld, language: str, word: str) -> None:
    document = """{ viewer { member { benefits {
      program covered eligible decision { hasil sebab tindakLanjut } amount amountUnit months monthsPaid monthsRequired
      availableFrom claimBefore claimUrl
    } } } }"""
    asking = Asking(world, language)
    found = (await asking.data(document, await asking.token_of(UCOK.email)))["viewer"]["member"]["benefits"]

    told = {benefit["program"]: benefit for benefit in found}
    assert list(told) == ["JHT", "JP", "JKK", "JKM", "JKP"]
    assert [told[program]["covered"] for program in told] == [True, False, True, True, False]
    assert word in told["JKM"]["decision"]["hasil"]
    assert (told["JKM"]["amount"], told["JKM"]["amountUnit"]) == (42_000_000, "ONCE")
    assert (told["JHT"]["availableFrom"], told["JHT"]["monthsPaid"]) == ("2057-09-30", None)
    assert all(part and "{" not in part for one in found for part in one["decision"].values())


async def test_the_home_query_takes_four_statements_however_many_memberships(
    asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking.world.store.writing():
        laras = await PersonRow.get(persona="laras")
        await MembershipRow.filter(kpj="99260000001").update(person_id=laras.id)
    token = await asking.token_of(LARAS.email)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        member = (await asking.data(HOME, token))["viewer"]["member"]

    assert len(member["memberships"]) == 3
    assert len(member["contributions"]["nodes"]) == 12
    assert len([line for line in caplog.messages if line.startswith("SELECT")]) == 4


async def test_nobody_signed_in_sees_no_member(asking: Asking) -> None:
    assert await asking.data("{ viewer { member { contributions { totalCount } statements { year } } } }") == {
        "viewer": None
    }
