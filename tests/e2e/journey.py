"""One person's way through the sign-up, over public addresses alone."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

PASSWORD = "kopi-susu-gula-aren"
BUDI = {
    "kpj": "99260000001",
    "nik": "3171991403889001",
    "birthDate": "1988-03-14",
    "phone": "+6284000000001",
    "email": "budi@peserta.test",
}
ERRORS = "errors { __typename code field message }"
START = f"""mutation($input: StartRegistrationInput!) {{ startRegistration(input: $input) {{
  registrationToken registration {{ id state otp {{ channel attemptsLeft }} }} {ERRORS} }} }}"""
VERIFY = f"""mutation($input: VerifyOtpInput!) {{ verifyOtp(input: $input) {{
  registration {{ state }} {ERRORS} }} }}"""
SET_PASSWORD = f"""mutation($input: SetPasswordInput!) {{ setPassword(input: $input) {{
  registration {{ state }} {ERRORS} }} }}"""
ACTIVATE = f"mutation($input: ActivateAccountInput!) {{ activateAccount(input: $input) {{ accepted {ERRORS} }} }}"
SIGN_IN = f"""mutation($input: SignInInput!) {{ signIn(input: $input) {{
  session {{ accessToken refreshToken }} {ERRORS} }} }}"""
VIEWER = """{ viewer { account { kpj email status } member {
  fullName maskedNik status memberships { kpj status balance { total } } balance { total } } } }"""
AWAIT = """query($filter: MessageFilter!, $timeout: Duration!) {
  awaitMessage(filter: $filter, timeout: $timeout) { id kind code link to text cursor } }"""


@dataclass
class Journey:
    """What one person has in hand while signing up."""

    http: httpx.AsyncClient
    graphql: str
    control: str
    form: dict[str, str] = field(default_factory=lambda: dict(BUDI))
    headers: dict[str, str] = field(default_factory=dict)
    cursor: str | None = None
    token: str = ""

    async def ask(self, document: str, variables: dict[str, Any] | None = None, **headers: str) -> dict[str, Any]:
        """One operation of the member API; its whole answer."""
        return await self._post(self.graphql, document, variables or {}, headers)

    async def command(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """One operation of the control API; its data."""
        answer = await self._post(self.control, document, variables or {}, {})
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def _post(self, url: str, document: str, variables: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = await self.http.post(url, json=body, headers=self.headers | headers)
        parsed: dict[str, Any] = answer.json()
        return parsed

    async def mutate(self, document: str, values: dict[str, Any], **headers: str) -> dict[str, Any]:
        """One mutation; its payload."""
        answer = await self.ask(document, {"input": values}, **headers)
        assert "errors" not in answer, answer["errors"]
        payload: dict[str, Any] = next(iter(answer["data"].values()))
        return payload

    async def message(self, channel: str, to: str, timeout: str = "PT10S") -> dict[str, Any]:
        """The next message to somebody; there must be one."""
        wanted = {"channel": channel, "to": to, "after": self.cursor}
        found = (await self.command(AWAIT, {"filter": wanted, "timeout": timeout}))["awaitMessage"]
        assert found is not None, f"no {channel} to {to}"
        message: dict[str, Any] = found
        self.cursor = message["cursor"]
        return message

    async def start(self) -> dict[str, Any]:
        """Send the form."""
        payload = await self.mutate(START, self.form)
        self.token = payload["registrationToken"]
        return payload

    async def verify(self) -> dict[str, Any]:
        """Answer the code of the SMS."""
        code = (await self.message("SMS", self.form["phone"]))["code"]
        return await self.mutate(VERIFY, {"registrationToken": self.token, "code": code})

    async def set_password(self) -> dict[str, Any]:
        """Set the password."""
        return await self.mutate(SET_PASSWORD, {"registrationToken": self.token, "password": PASSWORD})

    async def link_token(self) -> str:
        """The token of the link in the activation mail."""
        link = (await self.message("EMAIL", self.form["email"]))["link"]
        return parse_qs(urlsplit(link).query)["token"][0]

    async def activate(self) -> dict[str, Any]:
        """Use the link of the activation mail."""
        return await self.mutate(ACTIVATE, {"token": await self.link_token()})

    async def sign_in(self) -> dict[str, Any]:
        """Sign in by KPJ."""
        return await self.mutate(SIGN_IN, {"login": self.form["kpj"], "password": PASSWORD})

    async def sign_up(self) -> None:
        """The whole way to an active account."""
        await self.start()
        await self.verify()
        await self.set_password()
        await self.activate()
