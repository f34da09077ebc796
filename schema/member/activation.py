"""The password step and the activation: from the code to an active account."""

import strawberry

from gateway.domain.password import PasswordCheck
from gateway.domain.problem import Code
from gateway.services import activation as activations
from gateway.texts import sentence
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.registration import STEP, Registration, RegistrationPayload

Info = strawberry.Info[Context, None]


@strawberry.input(description="The password to be set; see `passwordRules`.")
class SetPasswordInput:
    """`password` as typed."""

    registration_token: str
    password: str


@strawberry.input(description="Which sign-up gets its activation mail again.")
class ResendActivationInput:
    """A typing error in the address can be mended three times."""

    registration_token: str
    new_email: str | None = None


@strawberry.input(description="For who lost the sign-up's page: asks for the activation mail again.")
class RequestActivationMailInput:
    """The answer says nothing of what was found."""

    kpj: str
    email: str


@strawberry.input(description="The token of the activation link.")
class ActivateAccountInput:
    """It can be used once."""

    token: str


@strawberry.input(description="A password while it is typed; it is kept nowhere.")
class CheckPasswordInput:
    """`password` as typed so far."""

    registration_token: str
    password: str


@strawberry.type(description="What a password has to be like.")
class PasswordRules:
    """Assumed for the sandbox: the agency publishes no rule."""

    min_length: int
    max_length: int
    min_score: int = strawberry.field(description="Strength that is needed, 0 to 4 as zxcvbn gives it.")
    rules: list[str] = strawberry.field(description="The rules as sentences, in the request's language.")


@strawberry.type(description="How a password would do.")
class PasswordCheckPayload:
    """`score` 0 to 4."""

    score: int = 0
    unmet: list[Code] = strawberry.field(default_factory=list)
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="Whether the request was taken.")
class AcknowledgePayload:
    """`accepted` is false only together with errors."""

    accepted: bool = False
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ActivationQuery:
    """Reads of the password step."""

    @strawberry.field(directives=[SemanticNonNull()], description="What a password has to be like.")
    async def password_rules(self, info: Info) -> PasswordRules | None:
        """Thin: the world's limits and their sentences."""
        limits, locale = info.context.world.limits, info.context.locale
        sizes = {"min": limits.password_min_length, "max": limits.password_max_length}
        names = ("min_length", "max_length", "strength", "identity")
        return PasswordRules(
            min_length=limits.password_min_length,
            max_length=limits.password_max_length,
            min_score=limits.password_min_score,
            rules=[sentence(locale, f"password.rule.{name}", **sizes) for name in names],
        )


@strawberry.type
class ActivationMutation:
    """Steps from the code to an active account."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[STEP],
        description="Set the password: the account waits for its activation and the mail goes out.",
    )
    async def set_password(self, info: Info, input: SetPasswordInput) -> RegistrationPayload | None:
        """Thin: one service call."""
        context = info.context
        flow = await activations.set_password(
            context.world, token=input.registration_token, password=input.password, caller=context.caller
        )
        return RegistrationPayload(registration=Registration.of(flow, context))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(PasswordCheckPayload)],
        description="How a password would do, while it is typed.",
    )
    async def check_password(self, info: Info, input: CheckPasswordInput) -> PasswordCheckPayload | None:
        """Thin: one service call."""
        checked: PasswordCheck = await activations.check(
            info.context.world, token=input.registration_token, password=input.password
        )
        return PasswordCheckPayload(score=checked.score, unmet=list(checked.unmet))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[STEP],
        description="Send the activation mail again, to a mended address if one is given.",
    )
    async def resend_activation(self, info: Info, input: ResendActivationInput) -> RegistrationPayload | None:
        """Thin: one service call."""
        context = info.context
        flow = await activations.resend(
            context.world, token=input.registration_token, new_email=input.new_email, caller=context.caller
        )
        return RegistrationPayload(registration=Registration.of(flow, context))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Ask for the activation mail by KPJ and e-mail; the answer is always the same.",
    )
    async def request_activation_mail(self, info: Info, input: RequestActivationMailInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        context = info.context
        await activations.request_mail(context.world, kpj=input.kpj, email=input.email, caller=context.caller)
        return AcknowledgePayload(accepted=True)

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Use the link of the activation mail. Links are opened by scanners, so call this from a button.",
    )
    async def activate_account(self, info: Info, input: ActivateAccountInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        await activations.activate(info.context.world, token=input.token)
        return AcknowledgePayload(accepted=True)
