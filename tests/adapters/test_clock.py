"""The clock's contract, on the fake and on the real one, and what only the real one has to bear."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.adapters.clock import LATEST, WorldClock
from gateway.ports import Clock
from tests.fakes import NOON, FixedClock

HOUR = timedelta(hours=1)


@pytest.fixture(params=[lambda: FixedClock(NOON), lambda: WorldClock(real=lambda: NOON)], ids=["fake", "real"])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_new_clock_runs_at_real_time(clock: Clock) -> None:
    assert clock.now() == clock.real_now() == NOON
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.offset == timedelta(0)
    assert not clock.frozen


def test_advance_moves_exactly_and_is_the_offset(clock: Clock) -> None:
    clock.advance(timedelta(hours=24, microseconds=1))

    assert clock.now() == NOON + timedelta(hours=24, microseconds=1)
    assert clock.offset == timedelta(hours=24, microseconds=1)
    assert clock.real_now() == NOON
    assert not clock.frozen


def test_freeze_stands_at_the_instant(clock: Clock) -> None:
    clock.freeze(NOON + HOUR)

    assert clock.frozen
    assert clock.now() == NOON + HOUR


def test_freeze_without_an_instant_stands_at_now(clock: Clock) -> None:
    clock.freeze()

    assert clock.frozen
    assert clock.now() == NOON


def test_freeze_of_a_clock_that_runs_meanwhile_stands_at_its_now() -> None:
    ticks = iter(NOON + timedelta(microseconds=number) for number in range(10))
    clock = WorldClock(real=lambda: next(ticks))

    clock.freeze()

    assert NOON < clock.now() < NOON + timedelta(microseconds=10)


def test_freeze_before_now_is_refused_and_changes_nothing(clock: Clock) -> None:
    with pytest.raises(ValueError, match="never goes back"):
        clock.freeze(NOON - timedelta(microseconds=1))

    assert clock.now() == NOON
    assert not clock.frozen


def test_frozen_clock_can_be_advanced_and_stays_frozen(clock: Clock) -> None:
    clock.freeze(NOON)

    clock.advance(HOUR)

    assert clock.now() == NOON + HOUR
    assert clock.frozen


def test_resume_runs_on_from_the_frozen_instant(clock: Clock) -> None:
    clock.freeze(NOON + HOUR)

    clock.resume()

    assert not clock.frozen
    assert clock.now() == NOON + HOUR
    assert clock.offset == HOUR


def test_resume_while_running_changes_nothing(clock: Clock) -> None:
    clock.resume()

    assert clock.now() == NOON
    assert not clock.frozen


@pytest.mark.parametrize("by", [timedelta(0), timedelta(microseconds=-1)])
def test_advance_by_nothing_or_backwards_is_refused(clock: Clock, by: timedelta) -> None:
    with pytest.raises(ValueError, match="positive"):
        clock.advance(by)

    assert clock.now() == NOON


class Real:
    """A machine clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def test_running_clock_follows_real_time_with_its_offset() -> None:
    real = Real()
    clock = WorldClock(real, offset=HOUR)

    real.at += timedelta(seconds=5)

    assert clock.now() == NOON + HOUR + timedelta(seconds=5)


def test_frozen_clock_ignores_real_time_and_resumes_where_it_stood() -> None:
    real = Real()
    clock = WorldClock(real)
    clock.freeze(NOON + HOUR)

    real.at += timedelta(days=3)

    assert clock.now() == NOON + HOUR
    clock.resume()
    assert clock.now() == NOON + HOUR
    real.at += timedelta(seconds=1)
    assert clock.now() == NOON + HOUR + timedelta(seconds=1)


def test_real_clock_set_back_makes_world_time_wait() -> None:
    real = Real()
    clock = WorldClock(real)
    assert clock.now() == NOON

    real.at -= HOUR

    assert clock.now() == NOON


def test_clock_opened_frozen_stands_where_it_stood_before_the_restart() -> None:
    clock = WorldClock(Real(), frozen_at=NOON - HOUR)

    assert clock.frozen
    assert clock.now() == clock.frozen_at == NOON - HOUR


def test_freeze_takes_another_zone_and_answers_utc() -> None:
    clock = WorldClock(Real())

    clock.freeze(datetime(2026, 3, 2, 13, 0, tzinfo=timezone(timedelta(hours=7))))

    assert clock.now() == NOON + HOUR
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("by", [timedelta(days=4_000_000), LATEST - NOON + HOUR])
def test_advance_out_of_reach_is_refused(by: timedelta) -> None:
    clock = WorldClock(Real())

    with pytest.raises(ValueError, match="that far"):
        clock.advance(by)

    assert clock.now() == NOON


@pytest.mark.parametrize(("at", "why"), [(LATEST + HOUR, "that far"), (datetime(2027, 1, 1), "zone")])  # noqa: DTZ001 - the point
def test_freeze_at_an_unusable_instant_is_refused(at: datetime, why: str) -> None:
    clock = WorldClock(Real())

    with pytest.raises(ValueError, match=why):
        clock.freeze(at)

    assert not clock.frozen
