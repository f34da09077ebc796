"""Who may reach what: one rule for every root field, and every field of every type under the roots that lead to it.

A field that is added to the schema fails the tests until it is written down here, with its rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO
from typing import Any

from gateway.domain.document import IncomingFile
from schema.node import global_id
from tests.domain.test_document_content import png


class Rule(Enum):
    """What a root field asks of its caller."""

    OPEN = "anybody"
    CARRIED = "anybody, but what the input carries (a token, a password) decides"
    VIEWER = "null without a session"
    SESSION = "a session of an active account"


@dataclass(frozen=True)
class Root:
    """A root field's rule, and how another member tries to reach what is the owner's with it.

    `foreign` are arguments that name something of the owner's (LARAS in the tests), `told` is what the answer's
    payload or errors must say then. `pending` is what an account that is not active yet gets, where it is not
    UNAUTHENTICATED. `arguments` are right in form where a sample is not: form is checked before rights.
    """

    rule: Rule
    foreign: Mapping[str, Any] | None = None
    told: str | None = None
    pending: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


OWNERS_KPJ = "99260000009"
NOBODYS_KPJ = "12345678901"
PICTURE = IncomingFile("ktp.png", len(png()), BytesIO(png()))
CLAIM = {
    "reason": "RESIGNED",
    "bankAccount": {"bankCode": "991", "number": "1234567890", "holderName": "Ucok Reka"},
    "idempotencyKey": "k",
}
NO_CLAIM = global_id("Claim", 1)
# Ways that the schema has and that nobody without a session goes: an open field never answers them.
SHUT = frozenset({"EligibilityError", "DocumentRequirement.document"})
OPEN, CARRIED = Root(Rule.OPEN), Root(Rule.CARRIED)


def _with(given: Mapping[str, Any], foreign: Mapping[str, Any] | None = None, told: str | None = None) -> Root:
    """A mutation that needs a session, with an input that is right in form."""
    return Root(Rule.SESSION, foreign, told, arguments={"input": given})


ROOTS: Mapping[str, Root] = {
    "Query.viewer": Root(Rule.VIEWER),
    "Query.node": Root(Rule.SESSION, {"id": "of the owner"}, "NOT_FOUND"),
    "Query.serverTime": OPEN,
    "Query.registration": CARRIED,
    "Query.passwordRules": OPEN,
    "Query.verifyCard": CARRIED,
    "Query.branchOffices": OPEN,
    "Query.banks": OPEN,
    "Query.claimRequirements": OPEN,
    "Query.uploadRules": OPEN,
    "Query.serviceStatus": OPEN,
    "Query.support": OPEN,
    "Query.programs": OPEN,
    "Query.contributionQuote": OPEN,
    "Query.simulateJht": OPEN,
    "Mutation.startRegistration": CARRIED,
    "Mutation.resendOtp": CARRIED,
    "Mutation.verifyOtp": CARRIED,
    "Mutation.setPassword": CARRIED,
    "Mutation.resendActivation": CARRIED,
    "Mutation.cancelRegistration": CARRIED,
    "Mutation.checkPassword": CARRIED,
    "Mutation.activateAccount": CARRIED,
    "Mutation.requestActivationMail": CARRIED,
    "Mutation.signIn": CARRIED,
    "Mutation.refreshSession": CARRIED,
    "Mutation.requestPasswordReset": CARRIED,
    "Mutation.resetPassword": CARRIED,
    "Mutation.confirmEmail": CARRIED,
    # Ending sessions is never refused to who holds one, and a password is changed by who knows it.
    "Mutation.signOut": Root(Rule.SESSION, {"sessionId": "of the owner"}, "signedOut 0", pending="signedOut 1"),
    "Mutation.changePassword": Root(Rule.SESSION, pending="INVALID_CREDENTIALS"),
    "Mutation.requestStepUp": Root(Rule.SESSION),
    "Mutation.changePhone": _with({"newPhone": "+6284000000077", "otp": "123456"}),
    "Mutation.confirmPhone": _with({"code": "123456"}),
    "Mutation.changeEmail": _with({"newEmail": "baru@peserta.test", "otp": "123456"}),
    "Mutation.updateProfile": _with({"confirm": True}),
    "Mutation.linkMembership": _with({"kpj": NOBODYS_KPJ}, {"kpj": OWNERS_KPJ}, "MEMBER_NOT_MATCHED"),
    "Mutation.disputeMembership": _with(
        {"kpj": NOBODYS_KPJ, "statement": "Ini bukan saya."},
        {"kpj": OWNERS_KPJ, "statement": "Ini bukan saya."},
        "KPJ_NOT_LINKED",
    ),
    "Mutation.mergeMemberships": _with(
        {"kpjs": [NOBODYS_KPJ], "into": OWNERS_KPJ}, {"kpjs": [OWNERS_KPJ], "into": "99260000008"}, "KPJ_NOT_LINKED"
    ),
    "Mutation.uploadDocument": _with({"kind": "KTP", "file": PICTURE}),
    "Mutation.submitClaim": _with(CLAIM, {**CLAIM, "kpj": OWNERS_KPJ}, "KPJ_NOT_LINKED"),
    "Mutation.fixClaim": _with({"claimId": NO_CLAIM}, {"claimId": NO_CLAIM}, "NOT_FOUND"),
    "Mutation.cancelClaim": _with({"claimId": NO_CLAIM}, {"claimId": NO_CLAIM}, "NOT_FOUND"),
    "Subscription.registrationChanged": CARRIED,
    "Subscription.claimChanged": Root(Rule.SESSION),
}

# Types that only a session leads to. Their fields are read as anonymous, as another member, as an account that is not
# active yet and as the owner.
PERSONAL: Mapping[str, str] = {
    "Viewer": "account member",
    "Account": (
        "id kpj email phone status createdAt activatedAt lastSignInAt sessions pendingEmail pendingPhone activity"
    ),
    "ActiveSession": "id createdAt lastUsedAt userAgent current",
    "Activity": "id at kind summary ipAddress userAgent",
    "ActivityConnection": "edges nodes pageInfo totalCount",
    "ActivityEdge": "cursor node",
    "Address": "street village district city province postalCode",
    "AnnualStatement": "year opening contributions development paidOut closing rate rateIsAssumption",
    "Balance": "total employerContributions employeeContributions development paidOut asOf history",
    "BalanceMerge": "id kpjs into state requestedAt slaDueAt decision",
    "Card": "id kpj holderName segment programs employerName status memberSince verification download",
    "Claim": (
        "id number program reason channel state gross tax net bankAccount submittedAt slaDueAt paidAt interviewAt "
        "decision kpjs documents requirements canCancel events"
    ),
    "ClaimConnection": "edges nodes pageInfo totalCount",
    "ClaimEdge": "cursor node",
    "ClaimEligibility": (
        "reason eligible code decision availableFrom channels stepUpRequired npwpRequired requirements quote"
    ),
    "ClaimEvent": "at state note",
    "ClaimQuote": "gross tax net taxRule",
    "Contribution": "id month kpj wage paidOn status dueOn lines total",
    "ContributionConnection": "edges nodes pageInfo totalCount",
    "ContributionEdge": "cursor node",
    "Decision": "hasil sebab tindakLanjut",
    "Dispute": "state openedAt slaDueAt decision",
    "Document": "id kind fileName contentType size sha256 uploadedAt expiresAt download",
    "EmergencyContact": "name phone relation",
    "Employer": "id npp name jkkRisk",
    "HiddenMembership": "maskedKpj employerName lastContribution",
    "MaskedBankAccount": "bankCode maskedNumber holderName",
    "Member": (
        "address emergencyContact profileConfirmedAt hiddenMemberships merges cards contributions statements "
        "simulateJht benefits claims claim claimOptions id fullName maskedNik birthDate gender status memberships "
        "membership balance"
    ),
    "Membership": (
        "id kpj segment status employer programs memberSince inactiveSince leaveReason monthlyWage lastContribution "
        "inArrears balance dispute"
    ),
    "ProgramBenefit": (
        "program covered eligible decision amount amountUnit months monthsPaid monthsRequired availableFrom "
        "claimBefore claimUrl"
    ),
    "SignedUrl": "url expiresAt expiresInSeconds",
}

# Types that somebody without a session can meet, because they hold nothing personal or only what the input proved.
SHARED: Mapping[str, str] = {
    "BalancePoint": "period contributions development closing",
    "Bank": "code name",
    "BranchOffice": "id code name address city province latitude longitude",
    "BranchOfficeConnection": "edges nodes pageInfo totalCount",
    "BranchOfficeEdge": "cursor node",
    "CardVerification": "valid maskedHolderName maskedKpj status programs checkedAt",
    "ContributionLine": "program payer base rate amount",
    "ContributionQuote": "month lines employerTotal employeeTotal total",
    "ContributionRate": "segment payer rate jkkRisk includedIn wageCeiling validFrom validTo source isAssumption",
    "DocumentRequirement": "kind required note state problem document",
    "JhtSimulation": (
        "months openingBalance contributions development total tax taxRule net developmentRate rateIsAssumption "
        "wageGrowth points"
    ),
    "OtpChallenge": (
        "channel maskedTarget length sentAt expiresAt expiresInSeconds attemptsLeft sendsLeft resendAt resendInSeconds"
    ),
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "PasswordRules": "minLength maxLength minScore rules",
    "ProgramInfo": "program name summary rates",
    "Registration": "id state kpj maskedPhone maskedEmail otp activation createdAt expiresAt",
    "SentLink": "maskedTarget sentAt expiresAt expiresInSeconds resendAt resendInSeconds",
    "ServiceStatus": "service available message",
    "Support": "phone email hours note",
    "UploadRules": "maxBytes contentTypes",
}

# What a mutation answers. Nothing is read through these but what the mutation's own rule allows.
ANSWERS: Mapping[str, str] = {
    "AccountPayload": "account errors",
    "AcknowledgePayload": "accepted errors",
    "ClaimPayload": "claim errors",
    "DocumentPayload": "document errors",
    "EligibilityError": "code message field eligibility",
    "FieldError": "code message field",
    "MemberPayload": "member errors",
    "MembershipPayload": "membership errors",
    "MergePayload": "merge errors",
    "OtpError": "code message field attemptsLeft",
    "PasswordCheckPayload": "score unmet errors",
    "RateLimitError": "code message field retryAt retryAfterSeconds",
    "RegistrationPayload": "registration errors",
    "RequestPasswordResetPayload": "accepted resetToken errors",
    "ServiceError": "code message field service retryable",
    "Session": "accessToken refreshToken expiresAt expiresInSeconds refreshExpiresAt account",
    "SessionPayload": "session errors",
    "SignOutPayload": "signedOut errors",
    "StartRegistrationPayload": "registration registrationToken errors",
    "StateError": "code message field state",
    "StepUpPayload": "otp errors",
}
