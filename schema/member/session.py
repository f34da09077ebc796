"""Signing in and out, and new passwords."""

from datetime import datetime
from enum import StrEnum

import strawberry

from gateway.domain.account import SignedIn
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Rejected
from gateway.services import password as passwords
from gateway.services import session as sessions
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.account import Account
from schema.member.activation import AcknowledgePayload
from schema.node import seconds_until

Info = strawberry.Info[Context, None]

_COOKIE = "refresh"
_PATH = "/graphql"


@strawberry.enum(description="How the refresh token is handed over: in the answer, or in an HttpOnly cookie.")
class RefreshTransport(StrEnum):
    """COOKIE suits browsers: no script can read it."""

    BODY = "BODY"
    COOKIE = "COOKIE"


@strawberry.input(description="Who signs in.")
class SignInInput:
    """`login` is a KPJ, or the account's e-mail."""

    login: str
    password: str
    refresh_transport: RefreshTransport = RefreshTransport.BODY


@strawberry.input(description="The refresh token; without one the HttpOnly cookie is used.")
class RefreshSessionInput:
    """A refresh token works once: the answer brings the next one."""

    refresh_token: str | None = None


@strawberry.input(description="What is signed out: this session, a named one, or all.")
class SignOutInput:
    """Without anything: this session."""

    everywhere: bool = False
    session_id: strawberry.ID | None = None


@strawberry.input(description="Who forgot the password: a KPJ and exactly one of e-mail and NIK.")
class RequestPasswordResetInput:
    """The answer is the same for known and unknown people."""

    kpj: str
    email: str | None = None
    nik: str | None = None
    channel: OtpChannel = OtpChannel.EMAIL


@strawberry.input(description="The new password; the token answered by SMS also needs the code.")
class ResetPasswordInput:
    """The mailed token stands alone."""

    token: str
    code: str | None = None
    password: str


@strawberry.input(description="The present password and the new one.")
class ChangePasswordInput:
    """Every other session ends."""

    current_password: str
    new_password: str


@strawberry.type(description="A session's tokens. Send the access token as `Authorization: Bearer …`.")
class Session:
    """`refreshToken` is null when it went into the cookie."""

    access_token: str
    refresh_token: str | None
    expires_at: datetime = strawberry.field(description="When the access token ends.")
    expires_in_seconds: int
    refresh_expires_at: datetime
    account: Account


@strawberry.type(description="The session that began or goes on.")
class SessionPayload:
    """The tokens, or why there are none."""

    session: Session | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How many sessions ended.")
class SignOutPayload:
    """It takes effect at once."""

    signed_out: int = 0
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="`resetToken` comes with channel SMS, for known and unknown people alike.")
class RequestPasswordResetPayload:
    """Whether the request was taken."""

    accepted: bool = False
    reset_token: str | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


def _show(signed_in: SignedIn, context: Context, *, cookie: bool) -> Session:
    now = context.world.clock.now()
    if cookie:
        life_s = seconds_until(signed_in.refresh_expires_at, now)
        context.set_cookie(_COOKIE, signed_in.refresh_token, _PATH, life_s)
    return Session(
        access_token=signed_in.access_token,
        refresh_token=None if cookie else signed_in.refresh_token,
        expires_at=signed_in.expires_at,
        expires_in_seconds=seconds_until(signed_in.expires_at, now),
        refresh_expires_at=signed_in.refresh_expires_at,
        account=Account.of(signed_in.account),
    )


@strawberry.type
class SessionMutation:
    """Sessions and passwords."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(SessionPayload)],
        description="Sign in by KPJ or e-mail; five wrong passwords lock the login for fifteen minutes.",
    )
    async def sign_in(self, info: Info, input: SignInInput) -> SessionPayload | None:
        """Thin: one service call."""
        context, cookie = info.context, input.refresh_transport is RefreshTransport.COOKIE
        if cookie and not context.takes_cookies:
            raise Rejected("BAD_USER_INPUT", "request.no_cookies_here")
        signed_in = await sessions.sign_in(
            context.world, login=input.login, password=input.password, caller=context.caller
        )
        return SessionPayload(session=_show(signed_in, context, cookie=cookie))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(SessionPayload)],
        description="New tokens for a refresh token; using one twice ends its session.",
    )
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> SessionPayload | None:
        """Thin: one service call."""
        context = info.context
        by_cookie = input.refresh_token is None
        if by_cookie and not context.takes_cookies:
            # Asked first: a token that is used up while its successor cannot be handed over would end the session.
            raise Rejected("BAD_USER_INPUT", "request.no_cookies_here")
        token = context.cookie(_COOKIE) if by_cookie else input.refresh_token
        signed_in = await sessions.refresh(context.world, refresh_token=token)
        return SessionPayload(session=_show(signed_in, context, cookie=by_cookie))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(SignOutPayload)],
        description="End this session, a named one, or all; every verifier knows at once.",
    )
    async def sign_out(self, info: Info, input: SignOutInput | None = None) -> SignOutPayload | None:
        """Thin: one service call."""
        context, wanted = info.context, input or SignOutInput()
        viewer = await context.require_viewer()
        ended = await sessions.sign_out(
            context.world,
            viewer=viewer,
            session_id=wanted.session_id,
            everywhere=wanted.everywhere,
            caller=context.caller,
        )
        if wanted.everywhere or wanted.session_id in (None, viewer.session_id):
            context.signal_cookie_clear(_COOKIE, _PATH)
        return SignOutPayload(signed_out=ended)

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(RequestPasswordResetPayload)],
        description="Ask for a new password: by a mailed link, or by a code on the account's phone.",
    )
    async def request_password_reset(
        self, info: Info, input: RequestPasswordResetInput
    ) -> RequestPasswordResetPayload | None:
        """Thin: one service call."""
        token = await passwords.request_reset(
            info.context.world, kpj=input.kpj, email=input.email, nik=input.nik, channel=input.channel
        )
        return RequestPasswordResetPayload(accepted=True, reset_token=token)

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Set a new password with the token that was asked for; every session ends.",
    )
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        context = info.context
        await passwords.reset(
            context.world, token=input.token, code=input.code, password=input.password, caller=context.caller
        )
        return AcknowledgePayload(accepted=True)

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(AcknowledgePayload)],
        description="Change the password of who is signed in; every other session ends.",
    )
    async def change_password(self, info: Info, input: ChangePasswordInput) -> AcknowledgePayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        await passwords.change(
            context.world,
            viewer=viewer,
            current=input.current_password,
            new=input.new_password,
            caller=context.caller,
        )
        return AcknowledgePayload(accepted=True)
