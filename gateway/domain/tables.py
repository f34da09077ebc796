"""All dated tables at once, so that a broken one stops the start and not some later question."""

from gateway.domain.channel import load_channel_limits
from gateway.domain.contribution_rates import load_contribution_rates, load_wage_ceilings
from gateway.domain.pension import load_pension_ages, load_pension_amounts
from gateway.domain.rates import load_rates
from gateway.domain.tariff import load_discounts, load_tariffs
from gateway.domain.tax import load_tariffs as load_tax_tariffs


def load_tables() -> None:
    """Read and check every table of rates, limits and ages; they are kept. Raises BadDataFile, with the place."""
    for load in (
        load_contribution_rates,
        load_wage_ceilings,
        load_tariffs,
        load_discounts,
        load_rates,
        load_tax_tariffs,
        load_channel_limits,
        load_pension_ages,
        load_pension_amounts,
    ):
        load()
