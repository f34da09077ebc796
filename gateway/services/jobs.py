"""What falls due by the world's clock: sign-ups that expire, locks that end, messages that a fault held back."""

from datetime import datetime

from gateway.domain.registration import OPEN_STATES, RegistrationState
from gateway.models.account import AccountRow
from gateway.models.claim import ClaimRow
from gateway.models.dispute import DisputeRow
from gateway.models.document import DocumentRow
from gateway.models.merge import MergeRow
from gateway.models.registration import RegistrationRow
from gateway.services import accrual, claim_progress, courier, document, flow, membership, merge
from gateway.world import World


async def next_due(world: World) -> datetime | None:
    """When the next job falls due, in world time; None if nothing is waiting."""
    async with world.store.reading():
        expiring = await RegistrationRow.filter(live_key__not_isnull=True).order_by("expires_at").first()
        locked = await AccountRow.filter(locked_until__not_isnull=True).order_by("locked_until").first()
        merging = await MergeRow.filter(step_at__not_isnull=True).order_by("step_at").first()
        charging = await accrual.next_due()
        claiming = await ClaimRow.filter(step_at__not_isnull=True).order_by("step_at").first()
        unused = await DocumentRow.filter(expires_at__not_isnull=True).order_by("expires_at").first()
        disputed = await DisputeRow.filter(decide_at__not_isnull=True).order_by("decide_at").first()
    moments = [expiring.expires_at if expiring else None, locked.locked_until if locked else None]
    moments += [merging.step_at if merging else None, disputed.decide_at if disputed else None]
    moments += [claiming.step_at if claiming else None, unused.expires_at if unused else None]
    moments += [charging, await world.inbox.next_due()]
    return min((moment for moment in moments if moment is not None), default=None)


async def run_due(world: World) -> tuple[list[str], bool]:
    """Run everything that is due now; answers what was done and whether messages are left for a later try.

    Only the world's worker calls this, so that it never runs twice at once.
    """
    done = await _expire_registrations(world)
    done += await _unlock_accounts(world)
    done += await accrual.go_on(world)
    done += await merge.go_on(world)
    done += await membership.decide_disputes(world)
    done += await claim_progress.go_on(world)
    done += await document.throw_away(world)
    done += await world.inbox.release_due(world.clock.now())
    sent, left = await courier.deliver(world)
    return done + sent, left


async def _expire_registrations(world: World) -> list[str]:
    async with world.store.writing():
        rows = (
            await RegistrationRow.select_for_update()
            .filter(live_key__not_isnull=True, state__in=OPEN_STATES, expires_at__lte=world.clock.now())
            .order_by("expires_at", "id")
        )
        for row in rows:
            await flow.end(row, RegistrationState.EXPIRED)
    for row in rows:
        world.bus.publish(flow.topic(row))
    return [f"registration.expired {row.id}" for row in rows]


async def _unlock_accounts(world: World) -> list[str]:
    async with world.store.writing():
        due = AccountRow.select_for_update().filter(locked_until__lte=world.clock.now())
        rows = await due.order_by("locked_until", "id")
        if rows:
            await AccountRow.filter(id__in=[row.id for row in rows]).update(locked_until=None)
    return [f"account.unlocked {row.id}" for row in rows]
