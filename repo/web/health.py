"""`/healthz`: whether this process can serve, for containers, balancers and whoever waits for the start."""

from flask import Flask, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from repo.db import db


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", endpoint="healthz", view_func=tell_health)


def tell_health() -> Response:
    """Answer 200 when the database answers, 503 when it does not. No page: programs read this."""
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        text, status = "the database is away\n", 503
    else:
        text, status = "ok\n", 200
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
