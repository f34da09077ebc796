"""Planned faults of a world."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.fault import Fault, FaultMode, FaultTarget


class FaultRow(Model):
    """A fault; `draws` counts how often it was asked, so that its chance follows the seed."""

    id = fields.IntField(primary_key=True)
    target = fields.CharField(max_length=10)
    mode = fields.CharField(max_length=12)
    match = fields.CharField(max_length=254, null=True)
    remaining = fields.IntField(null=True)
    fired = fields.IntField(default=0)
    draws = fields.IntField(default=0)
    delay_s = fields.FloatField(default=0)
    status_code = fields.IntField(null=True)
    probability = fields.FloatField(default=1)

    class Meta:
        table = "fault"

    def to_domain(self) -> Fault:
        """The fault as a tester reads it."""
        return Fault(
            id=self.id,
            target=FaultTarget(self.target),
            mode=FaultMode(self.mode),
            match=self.match,
            remaining=self.remaining,
            fired=self.fired,
            delay_s=self.delay_s,
            status_code=self.status_code,
            probability=self.probability,
        )
