"""Faults that a tester plans."""

from datetime import timedelta

import strawberry

from gateway.domain import fault
from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.problem import Rejected
from gateway.services import fault as faults
from schema.context import Context
from schema.control.reach import reach

strawberry.enum(FaultTarget, description="Which part of a world misbehaves.")
strawberry.enum(
    FaultMode,
    description="How it misbehaves. SMS and MAIL take all; REGISTRY and BANK DELAY (real time), ERROR and TIMEOUT.",
)

Info = strawberry.Info[Context, None]


@strawberry.input(description="A fault to be planned.")
class FaultInput:
    """Absent `times` is one; null is without end."""

    target: FaultTarget
    mode: FaultMode
    match: str | None = strawberry.field(default=None, description="A glob on the recipient: *@peserta.test, +62840*.")
    times: int | None = 1
    delay: timedelta | None = strawberry.field(default=None, description="World time for messages, real for calls.")
    status_code: int | None = strawberry.field(default=None, description="What REJECT and ERROR answer, 400 to 599.")
    probability: float | None = strawberry.field(default=None, description="0 to 1; follows the world's seed.")


@strawberry.type(description="A planned fault and how often it has hit.")
class Fault:
    """`remaining` null means without end."""

    id: strawberry.ID
    target: FaultTarget
    mode: FaultMode
    match: str | None
    remaining: int | None
    fired: int

    @staticmethod
    def of(planned: fault.Fault) -> "Fault":
        """The fault as a tester reads it."""
        return Fault(
            id=strawberry.ID(str(planned.id)),
            target=planned.target,
            mode=planned.mode,
            match=planned.match,
            remaining=planned.remaining,
            fired=planned.fired,
        )


@strawberry.type
class FaultMutation:
    """Planning and taking back."""

    @strawberry.mutation(description="Plan a fault: the next `times` matching messages or calls go wrong.")
    async def inject_fault(self, info: Info, input: FaultInput, world: strawberry.ID | None = None) -> Fault:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            planned = await faults.inject(
                meant,
                target=input.target,
                mode=input.mode,
                match=input.match,
                times=input.times,
                delay_s=input.delay.total_seconds() if input.delay else 0,
                status_code=input.status_code,
                probability=1 if input.probability is None else input.probability,
            )
        return Fault.of(planned)

    @strawberry.mutation(description="Take back one fault, or all; answers how many there were.")
    async def clear_faults(
        self, info: Info, world: strawberry.ID | None = None, id: strawberry.ID | None = None
    ) -> int:
        """Thin: one service call."""
        if id is not None and not (id.isascii() and id.isdigit() and len(id) < 10):
            raise Rejected("BAD_USER_INPUT", "request.bad_value", extensions={"field": "id"})
        async with reach(info.context, world) as meant:
            return await faults.clear(meant, fault_id=int(id) if id is not None else None)
