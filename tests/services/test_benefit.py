"""The benefits and simulations of the personas, each with its story. Source: domain notes 9 unless said otherwise."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.benefit import ProgramBenefit
from gateway.domain.member import Program
from gateway.domain.problem import Rejected
from gateway.domain.simulation import JhtSimulation
from gateway.domain.tax import TaxRule
from gateway.models.member import PersonRow
from gateway.services.benefit import list_for
from gateway.services.member import load_balances, load_with_memberships
from gateway.services.simulation import simulate_for_member, simulate_jht
from gateway.texts import sentence
from tests.services.seeded import seeded_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Any]:
    async with seeded_world(tmp_path / "data") as seeded:
        yield seeded


async def _known(world: Any, key: str) -> dict[str, Any]:
    async with world.store.reading():
        nik = (await PersonRow.get(persona=key)).nik
    member, memberships = await load_with_memberships(world, nik=nik)
    balances = await load_balances(world, member_id=member.id, memberships=memberships)
    return {"member": member, "memberships": memberships, "balances": balances}


async def _benefits(world: Any, key: str) -> dict[Program, ProgramBenefit]:
    return {one.program: one for one in await list_for(world, **await _known(world, key))}


async def _simulated(world: Any, key: str, age: int = 56) -> JhtSimulation:
    known = await _known(world, key)
    return simulate_for_member(world, **known, until_age=age, wage_growth=None, development_rate=None)


@pytest.mark.parametrize(
    ("key", "program", "outcome", "eligible"),
    [
        ("budi", Program.JHT, "benefit.jht_active", False),
        ("siti", Program.JHT, "benefit.jht_left", True),
        ("andi", Program.JHT, "benefit.jht_aged", True),
        ("joko", Program.JHT, "benefit.jht_waiting", False),
        ("joko", Program.JKP, "benefit.jkp_due", True),
        ("siti", Program.JKP, "benefit.jkp_no_layoff", False),
        ("budi", Program.JKP, "benefit.jkp_working", False),
        ("made", Program.JP, "benefit.jp_lump_sum", True),
        ("andi", Program.JP, "benefit.jp_saving", False),
        ("budi", Program.JKM, "benefit.jkm_scholarship", False),
        ("maria", Program.JKM, "benefit.jkm_covered", False),
        ("yohana", Program.JKK, "benefit.jkk_covered", False),
        ("yohana", Program.JHT, "benefit.jht_none", False),
        ("siti", Program.JKM, "benefit.jkm_none", False),
    ],
)
async def test_each_story_has_its_benefit(world: Any, key: str, program: Program, outcome: str, eligible: bool) -> None:
    benefit = (await _benefits(world, key))[program]

    assert (benefit.decision.key, benefit.eligible) == (outcome, eligible)


async def test_made_gets_jp_at_once(world: Any) -> None:
    jp = (await _benefits(world, "made"))[Program.JP]

    assert (jp.months_paid, jp.months_required, jp.available_from) == (128, 180, date(2026, 2, 17))
    assert jp.amount == 33_538_681


async def test_joko_gets_jkp_of_three_million_for_six_months(world: Any) -> None:
    jkp = (await _benefits(world, "joko"))[Program.JKP]

    assert (jkp.amount, jkp.months, jkp.claim_before) == (3_000_000, 6, date(2027, 5, 11))


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_every_decision_of_every_persona_can_be_read(world: Any, locale: str) -> None:
    for key in ("budi", "siti", "andi", "dewi", "joko", "made", "maria", "ucok", "laras", "yohana"):
        for benefit in (await _benefits(world, key)).values():
            for part in ("hasil", "sebab", "tindak_lanjut"):
                text = sentence(locale, f"decision.{benefit.decision.key}.{part}", **benefit.decision.params)
                assert text.endswith(".")
                assert "{" not in text


async def test_a_simulation_starts_from_the_balance_and_the_wage(world: Any) -> None:
    budi = await _simulated(world, "budi")

    assert (budi.plan.opening, budi.plan.contribution, budi.plan.months) == (34_747_935, Decimal(484_500), 208)
    assert (budi.plan.development_rate, budi.plan.rate_is_assumption) == (Decimal("0.0550"), True)
    assert budi.tax_rule is TaxRule.FINAL_0_5


async def test_an_earlier_payout_taxes_the_rest_by_article_17(world: Any) -> None:
    # Source: domain notes 4.3 and 9: Dewi took 10 % four years ago.
    assert (await _simulated(world, "dewi")).tax_rule is TaxRule.ARTICLE_17


async def test_what_an_employer_does_not_pay_is_not_counted_on(world: Any) -> None:
    # Laras: the first employer is in arrears, the other one pays 5.7 % of 3,100,000.
    assert (await _simulated(world, "laras")).plan.contribution == 176_700


async def test_an_age_that_is_past_leaves_the_balance_of_today(world: Any) -> None:
    made = await _simulated(world, "made")

    assert (made.plan.months, made.total, made.points) == (0, made.plan.opening, ())


async def test_without_jht_nothing_comes_of_nothing(world: Any) -> None:
    yohana = await _simulated(world, "yohana", age=100)

    assert (yohana.total, yohana.tax, yohana.net) == (0, 0, 0)


async def test_the_calculator_refuses_what_is_out_of_bounds(world: Any) -> None:
    with pytest.raises(Rejected) as caught:
        simulate_jht(
            world, monthly_wage=1, months=1_201, opening=0, wage_growth=Decimal(0), development_rate=Decimal(0)
        )

    assert caught.value.extensions == {"field": "months"}
