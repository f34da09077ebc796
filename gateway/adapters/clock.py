"""World time over a real clock: it can be frozen and moved on, and never goes back. It keeps no rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Lives and due times are added to `now`, so the clock stays well below the last year that a datetime can hold.
# Source: assumed for the sandbox.
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def real_time() -> datetime:
    """The machine's own time, aware UTC."""
    # The one place where the gateway reads the machine's clock; everything else asks the world.
    return datetime.now(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("world time needs a zone")
    return at.astimezone(UTC)


class WorldClock:
    """Implements `ports.Clock`. While running it is `offset` ahead of `real`; while frozen it stands at `frozen_at`."""

    def __init__(
        self,
        real: Callable[[], datetime] = real_time,
        offset: timedelta = timedelta(0),
        frozen_at: datetime | None = None,
    ) -> None:
        self._real = real
        self._offset = offset
        self._frozen_at = None if frozen_at is None else _utc(frozen_at)
        self._latest = self._frozen_at or real() + offset

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen_at is not None

    @property
    def frozen_at(self) -> datetime | None:
        """Where time stands still; None while it runs. To be kept with `offset` across a restart."""
        return self._frozen_at

    @property
    def offset(self) -> timedelta:
        """How far world time is ahead of real time; shrinks by itself while frozen."""
        return self._offset if self._frozen_at is None else self._frozen_at - self._real()

    def now(self) -> datetime:
        """World time, aware UTC with microseconds. A real clock that is set back makes it wait, not return."""
        if self._frozen_at is not None:
            return self._frozen_at
        self._latest = max(self._latest, self._real() + self._offset)
        return self._latest

    def real_now(self) -> datetime:
        """The machine's time, which no test moves."""
        return self._real()

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still at `at`, or now. Raises ValueError for one before now, without zone or beyond the year 9000."""
        now = self.now()
        at = now if at is None else _utc(at)
        if at < now:
            raise ValueError("world time never goes back")
        self._check_reach(at)
        self._frozen_at = self._latest = at

    def advance(self, by: timedelta) -> None:
        """Move on by a positive `by`, frozen or not. Raises ValueError otherwise, or beyond the year 9000."""
        if by <= timedelta(0):
            raise ValueError("the clock moves by a positive duration")
        try:
            moved = self.now() + by
        except OverflowError:
            raise ValueError("the clock cannot move that far") from None
        self._check_reach(moved)
        if self._frozen_at is not None:
            self._frozen_at = moved
        else:
            self._offset += by
        self._latest = moved

    def resume(self) -> None:
        """Run on from the frozen instant; does nothing while running."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._real()
            self._frozen_at = None

    @staticmethod
    def _check_reach(at: datetime) -> None:
        if at > LATEST:
            raise ValueError("the clock cannot move that far")
