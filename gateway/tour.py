"""The guided tour: the whole sign-up against a running server. It knows nothing but public addresses."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

PASSWORD = "kopi-susu-gula-aren"  # good enough for our own rules; the world it belongs to is thrown away

START = """mutation Start($input: StartRegistrationInput!) {
  startRegistration(input: $input) { registrationToken registration { state } errors { code message } } }"""
VERIFY = """mutation Verify($input: VerifyOtpInput!) {
  verifyOtp(input: $input) { registration { state } errors { code message } } }"""
SET_PASSWORD = """mutation SetPassword($input: SetPasswordInput!) {
  setPassword(input: $input) { registration { state } errors { code message } } }"""
ACTIVATE = """mutation Activate($input: ActivateAccountInput!) {
  activateAccount(input: $input) { accepted errors { code message } } }"""
SIGN_IN = """mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } errors { code message } } }"""
VIEWER = """query Viewer { viewer { member { fullName maskedNik status balance { total } } } }"""
AWAIT = """query Await($filter: MessageFilter!) { awaitMessage(filter: $filter, timeout: "PT10S") { code link } }"""
WORLD = """query World { world { cursor urls { graphql control } personas {
  key kpj nik birthDate phone email stage } } }"""
CREATE = """mutation Create { createWorld { id urls { control } } }"""
DELETE = """mutation Delete($id: ID!) { deleteWorld(world: $id) }"""


class StepFailed(Exception):
    """A step of the tour did not do what it should; the text says what came instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One finished step: what it was called, the operation behind it, what came of it and how long it took."""

    name: str
    operation: str
    outcome: str
    milliseconds: float


@dataclass
class Tour:
    """A person's way through the sign-up in one world."""

    http: httpx.Client
    graphql: str
    control: str
    persona: dict[str, Any]  # Any: JSON of the control API
    cursor: str
    report: Callable[[Step], None]
    kept: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Walk the nine steps. Raises StepFailed with the step's name."""
        steps = (
            ("startRegistration", "mutation startRegistration", self.start),
            ("SMS caught", "query awaitMessage", self.catch_sms),
            ("verifyOtp", "mutation verifyOtp", self.verify),
            ("setPassword", "mutation setPassword", self.set_password),
            ("mail caught", "query awaitMessage", self.catch_mail),
            ("activation page opened", "GET /aktivasi", self.open_page),
            ("activateAccount", "mutation activateAccount", self.activate),
            ("signIn", "mutation signIn", self.sign_in),
            ("viewer balance", "query viewer", self.read_balance),
        )
        for name, operation, walk in steps:
            began = time.perf_counter()
            try:
                outcome = walk()
            except (StepFailed, httpx.HTTPError, KeyError, TypeError, ValueError) as failure:
                raise StepFailed(f"{name}: {failure}") from failure
            self.report(Step(name, operation, outcome, (time.perf_counter() - began) * 1000))

    def start(self) -> str:
        """The form, with a persona's own data."""
        names = ("kpj", "nik", "birthDate", "phone", "email")
        payload = self._mutate(START, {name: self.persona[name] for name in names})
        self.kept["token"] = payload["registrationToken"]
        return str(payload["registration"]["state"])

    def catch_sms(self) -> str:
        """The code, read out of the SMS by the inbox."""
        self.kept["code"] = self._await("SMS", self.persona["phone"])["code"]
        return "code read"

    def verify(self) -> str:
        """The code answered."""
        payload = self._mutate(VERIFY, {"registrationToken": self.kept["token"], "code": self.kept["code"]})
        return str(payload["registration"]["state"])

    def set_password(self) -> str:
        """The password."""
        payload = self._mutate(SET_PASSWORD, {"registrationToken": self.kept["token"], "password": PASSWORD})
        return str(payload["registration"]["state"])

    def catch_mail(self) -> str:
        """The link, read out of the mail by the inbox."""
        self.kept["link"] = self._await("EMAIL", self.persona["email"])["link"]
        return "link read"

    def open_page(self) -> str:
        """The page behind the link: it has a button and uses nothing up by itself."""
        answer = self.http.get(self.kept["link"])
        if answer.status_code != 200 or "<form" not in answer.text:
            raise StepFailed(f"the page answered {answer.status_code} without a button")
        return f"{answer.status_code}, {len(answer.content)} bytes"

    def activate(self) -> str:
        """What the page's button does."""
        token = httpx.URL(self.kept["link"]).params["token"]
        payload = self._mutate(ACTIVATE, {"token": token})
        return "accepted" if payload["accepted"] else "refused"

    def sign_in(self) -> str:
        """KPJ and password."""
        payload = self._mutate(SIGN_IN, {"login": self.persona["kpj"], "password": PASSWORD})
        self.kept["access"] = payload["session"]["accessToken"]
        return "tokens issued"

    def read_balance(self) -> str:
        """The JHT balance, from the ledger."""
        bearer = {"Authorization": f"Bearer {self.kept['access']}"}
        member = ask(self.http, self.graphql, VIEWER, {}, bearer)["viewer"]["member"]
        total = member["balance"]["total"] if member["balance"] else 0
        rupiah = f"{total:,}".replace(",", ".")
        return f"{member['fullName']}, Rp{rupiah}"

    def _mutate(self, document: str, values: dict[str, Any]) -> dict[str, Any]:
        data = ask(self.http, self.graphql, document, {"input": values})
        payload: dict[str, Any] = next(iter(data.values()))
        if payload["errors"]:
            raise StepFailed("; ".join(f"{error['code']}: {error['message']}" for error in payload["errors"]))
        return payload

    def _await(self, channel: str, to: str) -> dict[str, Any]:
        wanted = {"filter": {"channel": channel, "to": to, "after": self.cursor}}
        message: dict[str, Any] | None = ask(self.http, self.control, AWAIT, wanted)["awaitMessage"]
        if message is None:
            raise StepFailed("nothing came within ten seconds")
        return message


def ask(
    http: httpx.Client, url: str, document: str, variables: dict[str, Any], headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run one operation; answers its data. Raises StepFailed with the server's own words."""
    answer = http.post(url, json={"query": document, "variables": variables}, headers=headers)
    try:
        body: dict[str, Any] = answer.json()
    except ValueError:
        raise StepFailed(f"{url} answered {answer.status_code} and no JSON") from None
    if body.get("errors"):
        raise StepFailed("; ".join(error["message"] for error in body["errors"]))
    data: dict[str, Any] = body["data"]
    return data


def walk(url: str, report: Callable[[Step], None], control_token: str | None = None) -> None:
    """Take the tour at a running server, in a world of its own that is thrown away afterwards.

    `url` is the server's base address. Raises StepFailed, httpx.HTTPError when it cannot be reached.
    """
    headers = {"X-Peserta-Control-Token": control_token} if control_token else {}
    with httpx.Client(timeout=30, headers=headers, trust_env=False) as http:
        created = ask(http, f"{url.rstrip('/')}/control/graphql", CREATE, {})["createWorld"]
        try:
            world = ask(http, created["urls"]["control"], WORLD, {})["world"]
            persona = next(person for person in world["personas"] if person["stage"] == "UNREGISTERED")
            urls = world["urls"]
            Tour(http, urls["graphql"], urls["control"], persona, world["cursor"], report).run()
        finally:
            ask(http, f"{url.rstrip('/')}/control/graphql", DELETE, {"id": created["id"]})
