"""The words of membership and of claims as enums of the API, registered before any type speaks them."""

import strawberry

from gateway.domain.channel import ClaimChannel
from gateway.domain.claim import ClaimState
from gateway.domain.claim_document import ClaimReason, DocumentKind, DocumentState
from gateway.domain.eligibility import EligibilityCode
from gateway.domain.member import Gender, JkkRisk, LeaveReason, MembershipStatus, Program, Segment
from gateway.domain.tax import TaxRule

__all__ = [
    "ClaimChannel",
    "ClaimReason",
    "ClaimState",
    "DocumentKind",
    "DocumentState",
    "EligibilityCode",
    "Gender",
    "JkkRisk",
    "LeaveReason",
    "MembershipStatus",
    "Program",
    "Segment",
    "TaxRule",
]

strawberry.enum(Gender, description="As the population registry has it.")
strawberry.enum(Segment, description="PU employees, BPU self-employed, JAKON construction, PMI migrant workers.")
strawberry.enum(Program, description="Old age (JHT), pension (JP), work accident (JKK), death (JKM), job loss (JKP).")
strawberry.enum(MembershipStatus, description="ACTIVE while contributions are expected.")
strawberry.enum(LeaveReason, description="Why a membership became inactive.")
strawberry.enum(JkkRisk, description="Work accident risk class of an employer.")
strawberry.enum(ClaimReason, description="Why JHT is claimed.")
strawberry.enum(ClaimChannel, description="By phone (MOBILE), online with an interview, or at a branch.")
strawberry.enum(ClaimState, description="Where a claim stands; PAID, REJECTED and CANCELLED are ends.")
strawberry.enum(EligibilityCode, description="Why a claim is possible or not.")
strawberry.enum(DocumentKind, description="What a document is.")
strawberry.enum(DocumentState, description="How a needed document stands.")
strawberry.enum(TaxRule, description="Final 0 or 5 %, or the rates of article 17, a fifth more without an NPWP.")
