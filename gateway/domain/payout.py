"""What a membership's ledger can pay out on a day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from gateway.domain.balance import Posting, make_balance
from gateway.domain.rates import DevelopmentRate
from gateway.domain.zone import local_instant


def payable_on(today: date, postings: Iterable[Posting], rates: tuple[DevelopmentRate, ...]) -> int:
    """The balance in whole rupiah without what the running month would still bring.

    A payout bears no development in its month; on the last day, when the month is full, the balance that is shown
    is higher by that development, and paying it out would leave less than nothing. Source: domain notes 5.2.
    """
    first = today.replace(day=1)
    counted = [
        replace(posting, posted_on=min(posting.posted_on, first)) for posting in postings if posting.posted_on <= today
    ]
    return make_balance(counted, rates, local_instant(first)).total
