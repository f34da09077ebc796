"""The sign-up: its flow and its steps up to the code. Password and activation are in `activation`."""

from collections.abc import AsyncGenerator
from datetime import datetime

import strawberry

from gateway.domain import otp, registration
from gateway.domain.otp import OtpChannel
from gateway.domain.registration import RegistrationState
from gateway.services import registration as registrations
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.node import global_id, seconds_until

strawberry.enum(OtpChannel, description="Where a code is sent.")
strawberry.enum(
    RegistrationState,
    description="Where a sign-up stands. AWAITING_* are open; ACTIVE, EXPIRED, LOCKED and CANCELLED are ends.",
)

Info = strawberry.Info[Context, None]


@strawberry.type(description="A code that was sent and may be answered.")
class OtpChallenge:
    """Times are world time; the `…InSeconds` fields count from now."""

    channel: OtpChannel
    masked_target: str
    length: int
    sent_at: datetime
    expires_at: datetime
    expires_in_seconds: int
    attempts_left: int
    sends_left: int = strawberry.field(description="How many more codes may be sent within this hour.")
    resend_at: datetime
    resend_in_seconds: int

    @staticmethod
    def of(sent: otp.OtpChallenge, now: datetime) -> "OtpChallenge":
        """The challenge as of `now`."""
        return OtpChallenge(
            channel=sent.channel,
            masked_target=sent.masked_target,
            length=sent.length,
            sent_at=sent.sent_at,
            expires_at=sent.expires_at,
            expires_in_seconds=seconds_until(sent.expires_at, now),
            attempts_left=sent.attempts_left,
            sends_left=sent.sends_left,
            resend_at=sent.resend_at,
            resend_in_seconds=seconds_until(sent.resend_at, now),
        )


@strawberry.type(description="A link that was sent by mail.")
class SentLink:
    """Times are world time; the `…InSeconds` fields count from now."""

    masked_target: str
    sent_at: datetime
    expires_at: datetime
    expires_in_seconds: int
    resend_at: datetime
    resend_in_seconds: int

    @staticmethod
    def of(link: registration.SentLink, now: datetime) -> "SentLink":
        """The link as of `now`."""
        return SentLink(
            masked_target=link.masked_target,
            sent_at=link.sent_at,
            expires_at=link.expires_at,
            expires_in_seconds=seconds_until(link.expires_at, now),
            resend_at=link.resend_at,
            resend_in_seconds=seconds_until(link.resend_at, now),
        )


@strawberry.type(description="A sign-up under way. Its id opens nothing: `registrationToken` goes on with the flow.")
class Registration:
    """What the owner of the registration token may see."""

    id: strawberry.ID = strawberry.field(description="For caches and logs.")
    state: RegistrationState
    kpj: str
    masked_phone: str
    masked_email: str
    otp: OtpChallenge | None = strawberry.field(description="While AWAITING_OTP.")
    activation: SentLink | None = strawberry.field(description="While AWAITING_ACTIVATION.")
    created_at: datetime
    expires_at: datetime

    @staticmethod
    def of(flow: registration.Registration, context: Context) -> "Registration":
        """The flow as of now."""
        now = context.world.clock.now()
        return Registration(
            id=global_id("Registration", flow.id),
            state=flow.state,
            kpj=flow.kpj,
            masked_phone=flow.masked_phone,
            masked_email=flow.masked_email,
            otp=OtpChallenge.of(flow.otp, now) if flow.otp else None,
            activation=SentLink.of(flow.activation, now) if flow.activation else None,
            created_at=flow.created_at,
            expires_at=flow.expires_at,
        )


@strawberry.input(description="What a person has at hand: card number, identity card, birth date, phone and e-mail.")
class StartRegistrationInput:
    """As typed; spaces, dots and dashes do not matter."""

    kpj: str = strawberry.field(description="11 digits.")
    nik: str = strawberry.field(description="16 digits.")
    birth_date: str = strawberry.field(description="1988-03-14, 14-03-1988 or 14/03/1988.")
    phone: str = strawberry.field(description="An Indonesian mobile number: 08…, 628… or +628….")
    email: str


@strawberry.input(description="Which sign-up gets a new code, and how.")
class ResendOtpInput:
    """The new code ends the older one."""

    registration_token: str
    channel: OtpChannel | None = OtpChannel.SMS


@strawberry.input(description="The code that came.")
class VerifyOtpInput:
    """`code` as typed."""

    registration_token: str
    code: str


@strawberry.input(description="Which sign-up is to end.")
class CancelRegistrationInput:
    """Frees the KPJ in any state before ACTIVE."""

    registration_token: str


@strawberry.type(description="The sign-up that began, and the token that goes on with it.")
class StartRegistrationPayload:
    """Keep the token in memory or a session; it is all that is needed to go on."""

    registration: Registration | None = None
    registration_token: str | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The sign-up after this step; on WRONG_STEP as it stands.")
class RegistrationPayload:
    """One step's outcome."""

    registration: Registration | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


STEP = RefusalsAsData(RegistrationPayload, subject="registration", convert=Registration.of)


@strawberry.type
class RegistrationQuery:
    """Reads of the sign-up."""

    @strawberry.field(description="The sign-up that a token goes on with; null for an unknown token.")
    async def registration(self, info: Info, token: str) -> Registration | None:
        """Thin: one service call."""
        flow = await registrations.find(info.context.world, token=token)
        return Registration.of(flow, info.context) if flow is not None else None


@strawberry.type
class RegistrationMutation:
    """Steps of the sign-up."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(StartRegistrationPayload)],
        description="Begin a sign-up: the data are checked against the registry and a code goes out by SMS.",
    )
    async def start_registration(self, info: Info, input: StartRegistrationInput) -> StartRegistrationPayload | None:
        """Thin: one service call."""
        flow, token = await registrations.start(
            info.context.world,
            kpj=input.kpj,
            nik=input.nik,
            birth_date=input.birth_date,
            phone=input.phone,
            email=input.email,
            caller=info.context.caller,
        )
        return StartRegistrationPayload(registration=Registration.of(flow, info.context), registration_token=token)

    @strawberry.mutation(
        directives=[SemanticNonNull()], extensions=[STEP], description="Send a new code, by SMS or e-mail."
    )
    async def resend_otp(self, info: Info, input: ResendOtpInput) -> RegistrationPayload | None:
        """Thin: one service call."""
        flow = await registrations.resend_otp(
            info.context.world,
            token=input.registration_token,
            channel=input.channel or OtpChannel.SMS,
            caller=info.context.caller,
        )
        return RegistrationPayload(registration=Registration.of(flow, info.context))

    @strawberry.mutation(
        directives=[SemanticNonNull()], extensions=[STEP], description="Answer the code; five attempts, five minutes."
    )
    async def verify_otp(self, info: Info, input: VerifyOtpInput) -> RegistrationPayload | None:
        """Thin: one service call."""
        flow = await registrations.verify_otp(info.context.world, token=input.registration_token, code=input.code)
        return RegistrationPayload(registration=Registration.of(flow, info.context))

    @strawberry.mutation(
        directives=[SemanticNonNull()], extensions=[STEP], description="End a sign-up before it is active."
    )
    async def cancel_registration(self, info: Info, input: CancelRegistrationInput) -> RegistrationPayload | None:
        """Thin: one service call."""
        flow = await registrations.cancel(info.context.world, token=input.registration_token)
        return RegistrationPayload(registration=Registration.of(flow, info.context))


@strawberry.type
class RegistrationSubscription:
    """News of the sign-up."""

    @strawberry.subscription(
        description="The sign-up as it stands, then every change, expiry included; ends with the flow."
    )
    async def registration_changed(self, info: Info, token: str) -> AsyncGenerator[Registration, None]:
        """Thin: one service call."""
        async for flow in registrations.watch(info.context.world, token=token):
            yield Registration.of(flow, info.context)
