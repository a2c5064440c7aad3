"""/oai: the base address of the OAI-PMH 2.0 provider, for GET and POST; /oai/style.xsl: how browsers show it."""

from flask import Blueprint, Response, render_template, request

from oai.provider import answer
from repo.web.security import answers_anything

bp = Blueprint("oai", __name__)


@bp.route("/oai", methods=["GET", "POST"])
@answers_anything
def provider() -> Response:
    pairs = list(request.args.items(multi=True))
    if request.method == "POST":
        pairs += list(request.form.items(multi=True))
    response = Response(answer(pairs), content_type="text/xml; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.route("/oai/style.xsl")
def style() -> Response:
    return Response(render_template("oai/style.xsl"), content_type="text/xsl; charset=utf-8")
