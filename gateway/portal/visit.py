"""One request of a page: its world, its language, its form, what the browser keeps, and the ways to answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.domain.account import Caller
from gateway.portal.answers import Executes, Payload, Problem, Values, need, payload_of
from gateway.portal.cookies import Jar
from gateway.portal.pages import Pages
from gateway.portal.provider import TokenRequest
from gateway.texts import LOCALES, preferred_locale, sentence
from gateway.world import World, Worlds
from schema.context import Context, ViewerOf

NO_PROBLEMS: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Portal:
    """What all visits share. `show_personas` is False where a control token guards the fictitious people."""

    member: Executes
    control: Executes
    worlds: Worlds
    viewer_of: ViewerOf
    token_request: TokenRequest
    documents: Mapping[str, str]
    pages: Pages
    show_personas: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. `prefix` is the world's path without a trailing slash, `form` what was posted."""

    portal: Portal
    request: Request
    world: World
    prefix: str
    locale: str
    jar: Jar
    form: Mapping[str, str]

    @property
    def query(self) -> Mapping[str, str]:
        """The query of the address."""
        return self.request.query_params

    def text(self, key: str, **params: object) -> str:
        """A sentence in the visitor's language."""
        return sentence(self.locale, key, **params)

    async def ask(self, name: str, variables: Values | None = None) -> Values:
        """Run a query of the member API as whoever is signed in. Raises Unanswered."""
        answer = await self.portal.member.execute(
            self.portal.documents[name], variables, context=self._context(self.jar.plain("access"))
        )
        return need(answer)

    async def ask_control(self, name: str) -> Values:
        """Run a query of the control API. Raises Unanswered."""
        return need(await self.portal.control.execute(self.portal.documents[name], context=self._context(None)))

    async def change(self, name: str, **given: object) -> Payload:
        """Run a mutation of the member API with `given` as its input. Raises Unanswered."""
        variables = {"input": given} if given else None
        answer = await self.portal.member.execute(
            self.portal.documents[name], variables, context=self._context(self.jar.plain("access"))
        )
        return payload_of(answer)

    def render(
        self,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        problems: Sequence[Problem] = NO_PROBLEMS,
        **values: object,
    ) -> Response:
        """A page. Notices and problems that the page before left behind are shown once, together with `problems`."""
        notice, left = self._take_flash()
        shown = (*left, *problems)
        # The first field with a problem gets the focus; a field says its first problem only.
        by_field = {problem.field: problem.message for problem in reversed(shown) if problem.field}
        first = next((problem.field for problem in shown if problem.field), None)
        page = self.portal.pages.render(
            template,
            self.locale,
            {
                "prefix": self.prefix,
                "form_token": self.jar.form_token,
                "signed_in": self.jar.plain("access") is not None,
                "inbox": self.world.urls.inbox,
                "other_language": self._other_language(),
                "notice": notice,
                "problems": shown,
                "problem_of": by_field,
                "first_problem": first,
                "values": self.form,
                **values,
            },
        )
        return HTMLResponse(page, status)

    def go(self, path: str, *, notice: str | None = None, problems: Iterable[Problem] = NO_PROBLEMS) -> Response:
        """Send the browser on to `path` of this world, which shows `notice` and `problems` once."""
        left = [[problem.code, problem.message, problem.field] for problem in problems]
        if notice or left:
            self.jar.keep("flash", {"n": notice, "p": left})
        return RedirectResponse(f"{self.prefix}{path}", HTTPStatus.SEE_OTHER)

    def _take_flash(self) -> tuple[str | None, tuple[Problem, ...]]:
        kept = self.jar.recall("flash") or {}
        self.jar.forget("flash")
        notice, left = kept.get("n"), kept.get("p")
        problems = tuple(Problem(*one) for one in left) if isinstance(left, list) else NO_PROBLEMS
        return str(notice) if notice else None, problems

    def _other_language(self) -> str:
        other = next(locale for locale in LOCALES if locale != self.locale)
        kept = {name: value for name, value in self.query.items() if name != "lang"}
        return f"?{urlencode({**kept, 'lang': other})}"

    def _context(self, access_token: str | None) -> Context:
        client = self.request.client
        agent = self.request.headers.get("user-agent")
        return Context(
            self.world,
            self.portal.worlds,
            Caller(self.locale, client.host if client else None, agent[:400] if agent else None),
            viewer_of=self.portal.viewer_of,
            authorization=f"Bearer {access_token}" if access_token else None,
        )


def begin_visit(portal: Portal, request: Request, form: Mapping[str, str]) -> Visit:
    """A visit to the world that the web edge has opened for this request."""
    world: World = request.scope["state"]["world"]
    prefix = request.scope.get("root_path", "").rstrip("/")
    secure = urlsplit(world.urls.portal).scheme == "https"
    jar = Jar(world, prefix or "/", secure, request.cookies, {})
    return Visit(portal, request, world, prefix, _language(request, jar), jar, form)


def _language(request: Request, jar: Jar) -> str:
    """What was clicked, else what was clicked before, else what the browser prefers."""
    chosen = request.query_params.get("lang")
    if chosen in LOCALES:
        jar.set_plain("lang", chosen)
        return chosen
    kept = jar.plain("lang")
    return kept if kept in LOCALES else preferred_locale(request.headers.get("accept-language", ""))
