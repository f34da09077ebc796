"""The discovery document: what this provider does, and nothing that it does not."""

from mockidp.host import JSON

# Which claims each scope opens. Source: OpenID Connect Core 5.4; `member` is this sandbox's own.
SCOPE_CLAIMS: dict[str, tuple[str, ...]] = {
    "openid": ("sub",),
    "profile": ("name",),
    "email": ("email", "email_verified"),
    "phone": ("phone_number",),
    "member": ("member",),
}
JWT_BEARER_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def discovery_document(issuer: str) -> dict[str, JSON]:
    """Describe the provider at `issuer`.

    Source: OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2, RFC 9207 section 3,
    RP-Initiated Logout 1.0 section 2.1, Initiating User Registration 1.0 section 3 (prompt values).
    """
    public: list[JSON] = ["none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "end_session_endpoint": f"{issuer}/logout",
        "scopes_supported": list(SCOPE_CLAIMS),
        "claims_supported": ["iss", "aud", "exp", "iat", "auth_time", "nonce", "sid"]
        + [claim for claims in SCOPE_CLAIMS.values() for claim in claims],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", JWT_BEARER_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": public,
        "revocation_endpoint_auth_methods_supported": public,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login"],
        "ui_locales_supported": ["id", "en"],
        "authorization_response_iss_parameter_supported": True,
        # Support of request_uri is presumed unless it is denied (Discovery section 3).
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }
