"""The checks of an authorization request, one rule each, in the order in which they are made.

Until the client and its address are known to be right a refusal is a page; after that it goes back to the client.
"""

import re
from collections.abc import Callable
from typing import NoReturn

from mockidp.oauth import MAX_QUERY_CHARS, Parameters
from mockidp.pages import PageRefusal
from mockidp.realms import Client, RealmState

# Source: RFC 7636 section 4.2: 43 characters are a SHA-256 digest in base64url.
CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")
PROMPTS = frozenset({"none", "login"})
MAX_NONCE_CHARS = 512


class AuthorizationError(Exception):
    """An error that goes back to the client's address. Source: RFC 6749 section 4.1.2.1."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


def find_client(request: Parameters, state: RealmState) -> Client:
    """Return the client that a request may be answered to, or raise PageRefusal.

    Source: RFC 6749 sections 3.1.2.4 and 4.1.2.1: never redirect to an address that is not registered.
    """
    for check in TARGET_CHECKS:
        check(request, state)
    return state.clients[request.need("client_id")]


def check_request(request: Parameters) -> None:
    """Raise AuthorizationError at the first rule that the request breaks."""
    for check in REQUEST_CHECKS:
        check(request)


def parameters_readable(request: Parameters, _state: RealmState) -> None:
    """The whole request is of a size that every server takes. Source: assumed for the sandbox."""
    if sum(len(name) + len(value) + 2 for name, value in request.pairs) > MAX_QUERY_CHARS:
        raise PageRefusal("parameters_readable", "invalid_request")


def target_sent_once(request: Parameters, _state: RealmState) -> None:
    """Client and address are named once. Source: RFC 6749 section 3.1."""
    names = [name for name, _ in request.pairs if name in ("client_id", "redirect_uri")]
    if len(names) != len(set(names)):
        raise PageRefusal("target_sent_once", "invalid_request", sent=request.pairs)


def client_known(request: Parameters, state: RealmState) -> None:
    """The client is registered here. Source: RFC 6749 section 4.1.2.1."""
    if request.get("client_id") not in state.clients:
        raise PageRefusal("client_known", "invalid_client", sent=request.pairs)


def redirect_uri_registered(request: Parameters, state: RealmState) -> None:
    """The address is one of the client's own. Source: RFC 6749 section 3.1.2.3, RFC 9700 section 2.1."""
    client = state.clients[request.need("client_id")]
    if not client.may_return_to(request.get("redirect_uri") or ""):
        raise PageRefusal("redirect_uri_registered", "invalid_request", sent=request.pairs)


def parameters_sent_once(request: Parameters) -> None:
    """No parameter is sent twice. Source: RFC 6749 section 3.1."""
    if request.repeated() is not None:
        refuse("invalid_request", "a parameter was sent more than once")


def request_object_absent(request: Parameters) -> None:
    """Request objects are not done here. Source: OpenID Connect Core 3.1.2.6, 6.1 and 6.2."""
    if request.get("request") is not None:
        refuse("request_not_supported", "the parameter request is not supported")
    if request.get("request_uri") is not None:
        refuse("request_uri_not_supported", "the parameter request_uri is not supported")
    if request.get("registration") is not None:
        refuse("registration_not_supported", "the parameter registration is not supported")


def response_type_code(request: Parameters) -> None:
    """Only codes are issued. Source: RFC 6749 section 3.1.1, RFC 9700 section 2.1.2."""
    kind = request.get("response_type")
    if kind is None:
        refuse("invalid_request", "the parameter response_type is missing")
    if kind != "code":
        refuse("unsupported_response_type", "only response_type=code is supported")


def response_mode_query(request: Parameters) -> None:
    """The answer is a query. Source: OAuth 2.0 Multiple Response Type Encoding Practices section 2.1."""
    if request.get("response_mode") not in (None, "query"):
        refuse("invalid_request", "only response_mode=query is supported")


def scope_openid(request: Parameters) -> None:
    """The scope holds openid. Source: OpenID Connect Core 3.1.2.1."""
    if "openid" not in (request.get("scope") or "").split(" "):
        refuse("invalid_scope", "the scope must contain openid")


def challenge_s256(request: Parameters) -> None:
    """PKCE is used, with S256. Source: RFC 7636 section 4.4.1, RFC 9700 section 2.1.1."""
    challenge = request.get("code_challenge")
    if challenge is None:
        refuse("invalid_request", "the parameter code_challenge is missing: PKCE is required")
    if request.get("code_challenge_method") != "S256":
        refuse("invalid_request", "code_challenge_method must be S256")
    if not CHALLENGE.fullmatch(challenge):
        refuse("invalid_request", "code_challenge is not a base64url SHA-256 digest")


def prompt_supported(request: Parameters) -> None:
    """The prompt is one that is supported, and none stands alone. Source: OpenID Connect Core 3.1.2.1."""
    prompts = (request.get("prompt") or "").split()
    if not set(prompts) <= PROMPTS:
        refuse("invalid_request", "prompt must be none or login")
    if "none" in prompts and len(prompts) > 1:
        refuse("invalid_request", "prompt=none cannot be combined with another value")


def nonce_bounded(request: Parameters) -> None:
    """The nonce, which is stored, is of a sensible size. Source: assumed for the sandbox."""
    if len(request.get("nonce") or "") > MAX_NONCE_CHARS:
        refuse("invalid_request", "nonce is longer than 512 characters")


def refuse(error: str, description: str) -> NoReturn:
    """Raise the error that goes back to the client."""
    raise AuthorizationError(error, description)


TARGET_CHECKS: tuple[Callable[[Parameters, RealmState], None], ...] = (
    parameters_readable,
    target_sent_once,
    client_known,
    redirect_uri_registered,
)
REQUEST_CHECKS: tuple[Callable[[Parameters], None], ...] = (
    parameters_sent_once,
    request_object_absent,
    response_type_code,
    response_mode_query,
    scope_openid,
    challenge_s256,
    prompt_supported,
    nonce_bounded,
)
