"""One person's way through the sign-up and the sessions, over public addresses alone."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

JSON = dict[str, Any]  # Any: answers, whose shape the documents below select

PASSWORD = "kopi-susu-gula-aren"
PEOPLE = MappingProxyType(
    {
        "budi": ("99260000001", "3171991403889001", "1988-03-14", "+6284000000001"),
        "siti": ("99260000002", "3273996207919002", "1991-07-22", "+6284000000002"),
        "andi": ("99260000003", "7371990911709003", "1970-11-09", "+6284000000003"),
        "ucok": ("99260000008", "1271993009019008", "2001-09-30", "+6284000000008"),
        "laras": ("99260000009", "3471995804989009", "1998-04-18", "+6284000000009"),
    }
)
UCOKS_PASSWORD = "ojol-hujan-sore-21"
LARAS_PASSWORD = "batik-senja-kopi-34"

ERRORS = """errors { __typename code field message ... on RateLimitError { retryAt retryAfterSeconds }
  ... on OtpError { attemptsLeft } ... on StateError { state } ... on ServiceError { service retryable } }"""
FLOW = "registration { id state otp { channel attemptsLeft } }"
SESSION = "session { accessToken refreshToken account { kpj } }"
SELECTIONS = MappingProxyType(
    {
        "startRegistration": f"registrationToken {FLOW}",
        "resendOtp": FLOW,
        "verifyOtp": FLOW,
        "setPassword": FLOW,
        "resendActivation": FLOW,
        "cancelRegistration": FLOW,
        "checkPassword": "score unmet",
        "activateAccount": "accepted",
        "requestActivationMail": "accepted",
        "signIn": SESSION,
        "refreshSession": SESSION,
        "requestPasswordReset": "accepted resetToken",
        "resetPassword": "accepted",
        "changePassword": "accepted",
    }
)
SIGN_OUT = f"mutation($input: SignOutInput) {{ signOut(input: $input) {{ signedOut {ERRORS} }} }}"
VIEWER = """{ viewer { account { kpj email status } member {
  fullName maskedNik status memberships { kpj status balance { total } } balance { total } } } }"""
AWAIT = """query($filter: MessageFilter!, $timeout: Duration!) {
  awaitMessage(filter: $filter, timeout: $timeout) { id channel kind to code link text subject cursor } }"""
INBOX = "{ world { messages(first: 100) { totalCount nodes { id channel kind to code link } } } }"


def form_of(key: str) -> dict[str, str]:
    """The sign-up form as that persona would fill it in."""
    kpj, nik, birth_date, phone = PEOPLE[key]
    return {"kpj": kpj, "nik": nik, "birthDate": birth_date, "phone": phone, "email": f"{key}@peserta.test"}


def document_of(mutation: str) -> str:
    """The mutation with one `input` and everything that a test may look at."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    return f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ {SELECTIONS[mutation]} {ERRORS} }} }}"


@dataclass
class Journey:
    """What one person has in hand while signing up."""

    http: httpx.AsyncClient
    graphql: str
    control: str
    form: dict[str, str] = field(default_factory=lambda: form_of("budi"))
    headers: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None
    token: str = ""

    def of(self, key: str) -> "Journey":
        """Another person in the same world."""
        return Journey(self.http, self.graphql, self.control, form_of(key), self.headers)

    async def ask(self, document: str, variables: JSON | None = None, **headers: str) -> JSON:
        """One operation of the member API; its whole answer. In a header's name `_` stands for `-`."""
        return await self._post(self.graphql, document, variables or {}, headers)

    async def control_ask(self, document: str, variables: JSON | None = None, **headers: str) -> JSON:
        """One operation of the control API; its whole answer."""
        return await self._post(self.control, document, variables or {}, headers)

    async def command(self, document: str, variables: JSON | None = None) -> JSON:
        """One operation of the control API; its data."""
        answer = await self.control_ask(document, variables)
        assert "errors" not in answer, answer["errors"]
        data: JSON = answer["data"]
        return data

    async def _post(self, url: str, document: str, variables: JSON, headers: dict[str, str]) -> JSON:
        body = {"query": document, "variables": variables}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.http.post(url, json=body, headers=self.headers | named)
        parsed: JSON = answer.json()
        return parsed

    async def mutate(self, mutation: str, values: JSON, **headers: str) -> JSON:
        """One mutation; its payload."""
        answer = await self.ask(document_of(mutation), {"input": values}, **headers)
        assert "errors" not in answer, answer["errors"]
        payload: JSON = answer["data"][mutation]
        return payload

    async def advance(self, by: str) -> list[str]:
        """Move the world's clock; the jobs that ran."""
        moved = await self.command("mutation($by: Duration!) { advanceClock(by: $by) { jobsRun } }", {"by": by})
        jobs: list[str] = moved["advanceClock"]["jobsRun"]
        return jobs

    async def find(self, timeout: str = "PT0S", **wanted: str | None) -> JSON | None:
        """The newest matching message, or the oldest one after `after`; None when none comes in time."""
        found: JSON | None = (await self.command(AWAIT, {"filter": wanted, "timeout": timeout}))["awaitMessage"]
        return found

    async def message(self, channel: str, to: str, timeout: str = "PT15S") -> JSON:
        """The next message to somebody; there must be one."""
        found = await self.find(timeout, channel=channel, to=to, after=self.cursor)
        assert found is not None, f"no {channel} to {to}"
        self.cursor = found["cursor"]
        return found

    async def inbox(self) -> list[JSON]:
        """Everything that arrived, newest first."""
        nodes: list[JSON] = (await self.command(INBOX))["world"]["messages"]["nodes"]
        return nodes

    async def start(self, **changes: str) -> JSON:
        """Send the form."""
        payload = await self.mutate("startRegistration", self.form | changes)
        self.token = payload["registrationToken"] or self.token
        return payload

    async def code(self) -> str:
        """The code of the next SMS."""
        code: str = (await self.message("SMS", self.form["phone"]))["code"]
        return code

    async def verify(self, code: str | None = None) -> JSON:
        """Answer the code of the SMS, or another one."""
        answered = code if code is not None else await self.code()
        return await self.mutate("verifyOtp", {"registrationToken": self.token, "code": answered})

    async def set_password(self, password: str = PASSWORD) -> JSON:
        """Set the password."""
        return await self.mutate("setPassword", {"registrationToken": self.token, "password": password})

    async def link_token(self) -> str:
        """The token of the link in the next mail."""
        link = (await self.message("EMAIL", self.form["email"]))["link"]
        return parse_qs(urlsplit(link).query)["token"][0]

    async def activate(self, token: str | None = None) -> JSON:
        """Use the link of the activation mail, or another one."""
        used = token if token is not None else await self.link_token()
        return await self.mutate("activateAccount", {"token": used})

    async def sign_in(self, password: str = PASSWORD, login: str | None = None, **more: str) -> JSON:
        """Sign in, by KPJ unless another login is given."""
        return await self.mutate("signIn", {"login": login or self.form["kpj"], "password": password, **more})

    async def access(self, password: str = PASSWORD) -> str:
        """Sign in; the access token."""
        token: str = (await self.sign_in(password))["session"]["accessToken"]
        return token

    async def view(self, access_token: str) -> JSON:
        """Who an access token speaks for; the whole answer."""
        return await self.ask(VIEWER, Authorization=f"Bearer {access_token}")

    async def sign_out(self, access_token: str, **values: object) -> JSON:
        """End sessions of whom the access token speaks for; the payload."""
        answer = await self.ask(SIGN_OUT, {"input": values}, Authorization=f"Bearer {access_token}")
        assert "errors" not in answer, answer["errors"]
        payload: JSON = answer["data"]["signOut"]
        return payload

    async def reach_password(self) -> None:
        """As far as the password step."""
        await self.start()
        await self.verify()

    async def reach_activation(self) -> None:
        """As far as the activation mail."""
        await self.reach_password()
        await self.set_password()

    async def sign_up(self) -> None:
        """The whole way to an active account."""
        await self.reach_activation()
        await self.activate()
