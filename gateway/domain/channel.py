"""Where a claim can be made, and up to which balance."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text
from gateway.domain.dated import VALIDITY, Validity, check_successions, find_valid, read_table, read_validity

FILE = "channel_limits.json"


class ClaimChannel(StrEnum):
    """By phone, online with an interview, or at a branch."""

    MOBILE = "MOBILE"
    ONLINE = "ONLINE"
    BRANCH = "BRANCH"


@dataclass(frozen=True, slots=True)
class ChannelLimit:
    """The highest JHT balance, in whole rupiah, that a channel pays out."""

    channel: ClaimChannel
    highest_balance: int
    validity: Validity


def parse_channel_limits(text: str) -> tuple[ChannelLimit, ...]:
    """The table out of its JSON text. Raises BadDataFile, with the place."""
    top = parse_data(FILE, text)
    top.only("limits")
    limits = read_table(top, "limits", _limit)
    check_successions(top, "limits", limits, lambda limit: limit.channel)
    return limits


@cache
def load_channel_limits() -> tuple[ChannelLimit, ...]:
    """The sandbox's own table; read and checked once. Raises BadDataFile."""
    return parse_channel_limits(read_text(FILE))


def channels_for(balance: int, on: date) -> tuple[ClaimChannel, ...]:
    """The channels that pay out a balance on a day; one without a limit takes any. Source: domain notes 4.2."""
    open_to_it = []
    for channel in ClaimChannel:
        of_channel = [limit for limit in load_channel_limits() if limit.channel is channel]
        limit = find_valid(of_channel, on)
        # A channel with limits did not exist before the first of them.
        if (limit is None and not of_channel) or (limit is not None and balance <= limit.highest_balance):
            open_to_it.append(channel)
    return tuple(open_to_it)


def _limit(entry: Entry) -> ChannelLimit:
    entry.only("channel", "highestBalance", *VALIDITY)
    channel = entry.read("channel", ClaimChannel, "is no channel")
    return ChannelLimit(channel, entry.whole("highestBalance"), read_validity(entry))
