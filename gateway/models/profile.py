"""Rows of what members tell about themselves: address, emergency contact, and when they confirmed their data."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.profile import Address, EmergencyContact, Profile


class ProfileRow(Model):
    """One member's own data. An absent address has no street, an absent emergency contact no name."""

    id = fields.IntField(primary_key=True)
    person_id = fields.IntField(unique=True)
    street = fields.CharField(max_length=120, null=True)
    village = fields.CharField(max_length=60, null=True)
    district = fields.CharField(max_length=60, null=True)
    city = fields.CharField(max_length=60, null=True)
    province = fields.CharField(max_length=60, null=True)
    postal_code = fields.CharField(max_length=5, null=True)
    contact_name = fields.CharField(max_length=120, null=True)
    contact_phone = fields.CharField(max_length=20, null=True)
    contact_relation = fields.CharField(max_length=60, null=True)
    confirmed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "profile"

    def to_domain(self) -> Profile:
        """The profile as its owner sees it."""
        address = contact = None
        if self.street is not None:
            address = Address(
                street=self.street,
                village=self.village,
                district=self.district,
                city=self.city or "",
                province=self.province or "",
                postal_code=self.postal_code,
            )
        if self.contact_name is not None:
            contact = EmergencyContact(self.contact_name, self.contact_phone or "", self.contact_relation or "")
        return Profile(address, contact, self.confirmed_at)
