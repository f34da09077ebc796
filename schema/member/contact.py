"""Another phone or e-mail, guarded by a code to the old one and a proof from the new one."""

import strawberry

from gateway.domain import account
from gateway.domain.otp import OtpChannel
from gateway.services import contact as contacts
from gateway.services import step_up
from gateway.services.step_up import StepUpPurpose
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.account import Account
from schema.member.activation import AcknowledgePayload
from schema.member.registration import OtpChallenge

strawberry.enum(StepUpPurpose, description="What a code is asked for; a code for one purpose is none for another.")

Info = strawberry.Info[Context, None]


@strawberry.input(description="What a code is needed for, and by which of the account's own contacts it comes.")
class RequestStepUpInput:
    """The code is passed as `otp` afterwards."""

    purpose: StepUpPurpose
    channel: OtpChannel | None = OtpChannel.SMS


@strawberry.input(description="The new phone, and the code that went to an old contact.")
class ChangePhoneInput:
    """A code goes to the new phone."""

    new_phone: str
    otp: str = strawberry.field(description="The code of `requestStepUp` with CHANGE_PHONE.")


@strawberry.input(description="The code that went to the new phone.")
class ConfirmPhoneInput:
    """`code` as typed."""

    code: str


@strawberry.input(description="The new e-mail address, and the code that went to an old contact.")
class ChangeEmailInput:
    """A link goes to the new address."""

    new_email: str
    otp: str = strawberry.field(description="The code of `requestStepUp` with CHANGE_EMAIL.")


@strawberry.input(description="The token of the link that went to the new address.")
class ConfirmEmailInput:
    """It can be used once, and stands alone: no session is needed."""

    token: str


@strawberry.type(description="The code that was sent.")
class StepUpPayload:
    """The challenge, or why none was sent."""

    otp: OtpChallenge | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="The account after the change; on WRONG_STEP as it stands.")
class AccountPayload:
    """The account, or why nothing was changed."""

    account: Account | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


def _show(owned: account.Account, _: Context) -> Account:
    return Account.of(owned)


@strawberry.type
class ContactMutation:
    """Contacts."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(StepUpPayload)],
        description="Send a code to the account's own phone or e-mail, to be passed as `otp`.",
    )
    async def request_step_up(self, info: Info, input: RequestStepUpInput) -> StepUpPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        channel = input.channel or OtpChannel.SMS
        sent = await step_up.request(
            context.world, viewer=viewer, purpose=input.purpose, channel=channel, caller=context.caller
        )
        return StepUpPayload(otp=OtpChallenge.of(sent, context.world.clock.now()))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(StepUpPayload)],
        description="Name a new phone; a code goes there, for `confirmPhone`.",
    )
    async def change_phone(self, info: Info, input: ChangePhoneInput) -> StepUpPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        sent = await contacts.change_phone(
            context.world, viewer=viewer, new_phone=input.new_phone, otp=input.otp, caller=context.caller
        )
        return StepUpPayload(otp=OtpChallenge.of(sent, context.world.clock.now()))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AccountPayload, subject="account", convert=_show)],
        description="Answer the code from the new phone; the old one is told.",
    )
    async def confirm_phone(self, info: Info, input: ConfirmPhoneInput) -> AccountPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        changed = await contacts.confirm_phone(context.world, viewer=viewer, code=input.code, caller=context.caller)
        return AccountPayload(account=Account.of(changed))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Name a new e-mail address; a link goes there, for `confirmEmail`.",
    )
    async def change_email(self, info: Info, input: ChangeEmailInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        await contacts.change_email(
            context.world, viewer=viewer, new_email=input.new_email, otp=input.otp, caller=context.caller
        )
        return AcknowledgePayload(accepted=True)

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Use the link from the new address; the old one is told. Call this from a button.",
    )
    async def confirm_email(self, info: Info, input: ConfirmEmailInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        context = info.context
        await contacts.confirm_email(context.world, token=input.token, caller=context.caller)
        return AcknowledgePayload(accepted=True)
