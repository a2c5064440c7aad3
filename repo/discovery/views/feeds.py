"""What is new, for programs.

/feeds/new.atom                    Atom 1.0 (RFC 4287), newest first
/feeds/libraries/<code>.atom  /feeds/collections/<code>.atom
/sitemap.xml                       sitemap index (sitemaps.org 0.9), a file for each month of publication
/sitemaps/<year>-<month>.xml  /robots.txt
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from repo.db import db, now
from repo.discovery import browse
from repo.discovery.cards import make_cards
from repo.errors import NotFoundError
from repo.items.models import Item
from repo.items.rights import is_public
from repo.settings import current_settings
from repo.web.languages import current_language, local_name

bp = Blueprint("feeds", __name__)

ENTRIES = 50
FIRST_YEAR = 2020
SITEMAP_LIMIT = 50_000  # addresses in one file, by the protocol


@bp.route("/feeds/new.atom")
def new() -> Response:
    return _feed(_("Newest works"), url_for("browse.new"), browse.newest_items(size=ENTRIES).rows)


@bp.route("/feeds/libraries/<code>.atom")
def library(code: str) -> Response:
    found = browse.find_library(code)
    rows = browse.newest_items("", Item.library_id == found.id, size=ENTRIES).rows
    return _feed(local_name(found.names), url_for("browse.library", code=code), rows)


@bp.route("/feeds/collections/<code>.atom")
def collection(code: str) -> Response:
    found = browse.find_collection(code)
    rows = browse.newest_items("", browse.in_collection(found), size=ENTRIES).rows
    return _feed(local_name(found.names), url_for("browse.collection", code=code), rows)


@bp.route("/sitemap.xml")
def sitemap_index() -> Response:
    months = [(month.year, month.month) for month in _months()]
    return Response(render_template("feeds/sitemap_index.xml", months=months), mimetype="application/xml")


@bp.route("/sitemaps/<int:year>-<int:month>.xml")
def sitemap(year: int, month: int) -> Response:
    if not (FIRST_YEAR <= year <= 9998 and 1 <= month <= 12):
        raise NotFoundError()
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    query = sa.select(Item.id, Item.changed_at).where(is_public(), Item.published_at >= start, Item.published_at < end)
    rows = db.session.execute(query.order_by(Item.published_at, Item.id).limit(SITEMAP_LIMIT)).all()
    return Response(render_template("feeds/sitemap.xml", rows=rows), mimetype="application/xml")


@bp.route("/robots.txt")
def robots() -> Response:
    """Records and files are for everybody; forms and endless lists are nobody's business."""
    closed = ("/deposit/", "/review/", "/account/", "/admin/", "/search")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    # A resource list is a sitemap too (ANSI/NISO Z39.99-2017, 6.3.3).
    lists = ("/sitemap.xml", "/resourcesync/resourcelist.xml")
    lines += ["", *(f"Sitemap: {current_settings().base_url}{path}" for path in lists), ""]
    return Response("\n".join(lines), mimetype="text/plain")


def _feed(title: str, path: str, items: Sequence[Item]) -> Response:
    cards = make_cards(items, current_language(), now())
    changed = max((item.changed_at for item in items if item.changed_at), default=now())
    dates = {item.id: item.changed_at for item in items}
    text = render_template("feeds/atom.xml", title=title, path=path, cards=cards, changed=changed, dates=dates)
    return Response(text, content_type="application/atom+xml; charset=utf-8")


def _months() -> list[datetime]:
    """The months since the first publication."""
    first = db.session.scalar(sa.select(sa.func.min(Item.published_at)).where(Item.current_id.is_not(None)))
    if first is None:
        return []
    months, month = [], first.replace(day=1)
    while month <= now():
        months.append(month)
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return months
