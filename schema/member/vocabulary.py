"""The words of membership as enums of the API, registered before any type speaks them."""

import strawberry

from gateway.domain.member import Gender, JkkRisk, LeaveReason, MembershipStatus, Program, Segment

__all__ = ["Gender", "JkkRisk", "LeaveReason", "MembershipStatus", "Program", "Segment"]

strawberry.enum(Gender, description="As the population registry has it.")
strawberry.enum(Segment, description="PU employees, BPU self-employed, JAKON construction, PMI migrant workers.")
strawberry.enum(Program, description="Old age (JHT), pension (JP), work accident (JKK), death (JKM), job loss (JKP).")
strawberry.enum(MembershipStatus, description="ACTIVE while contributions are expected.")
strawberry.enum(LeaveReason, description="Why a membership became inactive.")
strawberry.enum(JkkRisk, description="Work accident risk class of an employer.")
