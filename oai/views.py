"""For harvesters.

/oai              the base address of the OAI-PMH 2.0 provider, for GET and POST
/oai/guide        what is offered, for people
/oai/style.xsl    how browsers show an answer
"""

from flask import Blueprint, Response, render_template, request

from oai.ledger import oai_namespace
from oai.listing import formats_of
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


@bp.route("/oai/guide")
def guide() -> str:
    return render_template("oai/guide.html", formats=formats_of(None), sample=f"oai:{oai_namespace()}:01234567s")


@bp.route("/oai/style.xsl")
def style() -> Response:
    return Response(render_template("oai/style.xsl"), content_type="text/xsl; charset=utf-8")
