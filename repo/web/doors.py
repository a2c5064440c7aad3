"""The doors of the house: every link in the head and foot of a page is one that a room has opened.

A room calls `register_door()` when it is wired in. A door whose endpoint is not there is not shown, so no
page of Muras carries a dead link, whatever rooms an installation has.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, current_app, g, request, url_for

Place = Literal["menu", "rooms", "foot", ""]


@dataclass(frozen=True)
class Door:
    """A way into a room."""

    name: str
    """What templates call it: `door_url("search")`."""
    endpoint: str
    label: Any = ""
    """A lazy text, or a function that returns one (the name of whoever is signed in)."""
    place: Place = ""
    """`menu` (head), `rooms` (a row for the staff), `foot`, or "" for a door without a link of its own."""
    order: int = 50
    allowed: Callable[[], bool] | None = None
    """Whether this reader sees it; None: everybody."""
    icon: str = ""


@dataclass(frozen=True)
class Link:
    """A door as a page shows it."""

    name: str
    href: str
    label: str
    icon: str
    here: Literal["page", "true", ""]
    """The value of `aria-current`: this very page, a page behind this door, or neither."""


def init_app(app: Flask) -> None:
    app.extensions["muras.doors"] = {}
    app.extensions["muras.door_addresses"] = {}
    app.jinja_env.globals.update(doors=doors, door_url=door_url)


def register_door(app: Flask, door: Door) -> None:
    """Open `door`; one name leads to one place."""
    known: dict[str, Door] = app.extensions["muras.doors"]
    if door.name in known:
        raise ValueError(f"two doors named {door.name}")
    known[door.name] = door
    app.extensions["muras.door_addresses"].clear()


def door_url(name: str, **values: Any) -> str:
    """Return the address behind the door `name`, "" where there is no such door (then show no link)."""
    if values:
        return _find(name, values)
    # every page asks for the same few, and they do not change while the house stands
    addresses: dict[tuple[str, str], str] = current_app.extensions["muras.door_addresses"]
    key = (request.script_root, name)
    if key not in addresses:
        addresses[key] = _find(name, {})
    return addresses[key]


def _find(name: str, values: dict[str, Any]) -> str:
    door: Door | None = current_app.extensions["muras.doors"].get(name)
    if door is None or door.endpoint not in current_app.view_functions:
        return ""
    return url_for(door.endpoint, **values)


def doors(place: Place) -> list[Link]:
    """Return the links of `place` that this reader may see, in their order."""
    links = []
    for door in _doors_of(place):
        # While the server is in trouble, asking who may see a door could raise the same trouble again.
        if door.allowed is not None and (g.get("in_trouble") or not door.allowed()):
            continue
        if href := door_url(door.name):
            label = door.label() if callable(door.label) else door.label
            links.append(Link(door.name, href, str(label), door.icon, _here(href)))
    return links


def _doors_of(place: Place) -> list[Door]:
    known: dict[str, Door] = current_app.extensions["muras.doors"]
    return sorted((door for door in known.values() if door.place == place), key=lambda door: door.order)


def _here(href: str) -> Literal["page", "true", ""]:
    here = request.script_root + request.path
    if here == href:
        return "page"
    return "true" if here.startswith(href.rstrip("/") + "/") and href != "/" else ""
