"""The three languages of every page: which one, and the addresses of the same page in the others."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, force_locale, get_locale
from werkzeug.wrappers import Response as AnyResponse

from repo.settings import current_settings

LANGUAGES = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
"""Codes and own names, in the order in which they are offered."""
DEFAULT = "ky"
COOKIE = "lang"
YEAR = 365 * 24 * 3600

babel = Babel()


@dataclass(frozen=True)
class Tongue:
    """This page in one language: `href` for a link on it, `full` for others (hreflang)."""

    code: str
    name: str
    href: str
    full: str
    here: bool


@dataclass(frozen=True)
class PageAddresses:
    """`canonical` is the full address without a language."""

    canonical: str
    tongues: list[Tongue]


def init_app(app: Flask) -> None:
    babel.init_app(app, default_locale=DEFAULT, locale_selector=choose_language)
    # A translator sees one line for a paragraph, however the template is indented.
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(
        current_language=current_language,
        page_addresses=page_addresses,
        local_name=local_name,
        site_address=site_address,
    )
    app.after_request(remember_language)


def choose_language() -> str:
    """Return the language of this page: `?lang=`, then the cookie, then what the browser asks for, then ky.

    Outside of a request (the worker, a command) it is ky; see `with_language`.
    """
    if not has_request_context():
        return DEFAULT
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT


def current_language() -> str:
    """Return the code of the language that texts come out in here: "ky", "ru" or "en"."""
    locale = get_locale()
    return locale.language if locale else DEFAULT


@contextmanager
def with_language(language: str) -> Iterator[None]:
    """Inside, texts, dates and numbers are in `language`: for mail to somebody who reads another one."""
    with force_locale(language if language in LANGUAGES else DEFAULT):
        yield


def in_all_languages(say: Callable[[], str]) -> str:
    """What `say` says in each language, once where several say the same: nobody knows who will read it."""
    said = []
    for language in LANGUAGES:
        with with_language(language):
            said.append(say())
    return " / ".join(dict.fromkeys(said))


def page_addresses() -> PageAddresses:
    """Return the addresses of the page at hand, with everything in its query kept."""
    path = quote(request.path, safe="/:@!$&'()*+,;=~-._")
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    query = urlencode(kept)
    base, more, current = current_settings().base_url, f"{query}&" if query else "", current_language()
    tongues = [
        Tongue(
            code,
            name,
            href=f"{request.script_root}{path}?{more}lang={code}",
            full=f"{base}{path}?{more}lang={code}",
            here=code == current,
        )
        for code, name in LANGUAGES.items()
    ]
    return PageAddresses(base + path + (f"?{query}" if query else ""), tongues)


def remember_language(response: Response) -> Response:
    """A language asked for by address is the reader's from then on."""
    wish = request.args.get("lang") if request.args else None
    if wish in LANGUAGES and request.cookies.get(COOKIE) != wish:
        keep_language(response, wish)
    return response


def keep_language(response: AnyResponse, language: str) -> None:
    """Let the browser ask for `language` from now on."""
    response.set_cookie(COOKIE, language, YEAR, secure=current_settings().secure, httponly=True, samesite="Lax")


def local_name(names: Mapping[str, str]) -> str:
    """Return the name in the language of this page, else the Kyrgyz, the Russian or the English one."""
    order = (current_language(), "ky", "ru", "en")
    return next((names[language] for language in order if names.get(language)), "")


def site_address(path: str) -> str:
    """Return the full address of a path of ours."""
    return current_settings().base_url + path
