"""The six verbs, over the `oaipmh` library: it validates arguments, writes envelopes, errors and the small verbs.

Overridden is what it does against the protocol (each place names the clause), and the record lists: their stored
bytes are spliced into its envelope, since building a tree for each record is most of its cost.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from oaipmh.common import Identify
from oaipmh.error import BadArgumentError, BadVerbError, ErrorBase
from oaipmh.server import ServerBase, XMLTreeServer, nsoai

from oai import listing
from oai.arguments import FORMS, check_arguments
from oai.formats.source import NOT_XML
from oai.horizon import SECOND, find_horizon
from oai.identify import descriptions
from oai.ledger import MARK
from oai.models import OaiSet
from oai.namespace import read_namespace
from repo.db import db
from repo.settings import Settings, current_settings

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
STYLESHEET = b'<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xsl" href="/oai/style.xsl"?>\n'

ECHOED = {"verb", *FORMS}


def answer(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Return the response to a request with these arguments, as often as they were sent. Protocol errors are
    responses too (OAI-PMH 2.0, 3.6)."""
    tree = _Tree(current_settings())
    try:
        arguments = check_arguments(pairs)
    except ErrorBase as error:
        echoed = {name: value for name, value in pairs if name in ECHOED and not NOT_XML.search(value)}
        return _serialise(tree.with_request(echoed).handleException(error))
    return _Provider(tree.with_request(arguments)).handleRequest(dict(arguments))


class _Repository:
    """What the library asks for the small verbs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def identify(self) -> Identify:
        identify = Identify(
            repositoryName=self.settings.name,
            baseURL=f"{self.settings.base_url}/oai",
            protocolVersion="2.0",
            adminEmails=[self.settings.admin_email],
            earliestDatestamp=listing.earliest_datestamp().astimezone(UTC).replace(tzinfo=None),
            deletedRecord="persistent",
            granularity="YYYY-MM-DDThh:mm:ssZ",
            compression=["gzip"],
            toolkit_description=False,
        )
        for description in descriptions(self.settings.base_url, read_namespace(db.session())):
            identify.add_description(description)
        return identify

    def listMetadataFormats(self, identifier: str | None = None) -> list[tuple[str, str, str]]:
        return [(found.prefix, found.schema, found.namespace) for found in listing.formats_of(identifier)]


class _Tree(XMLTreeServer):
    """Writes one response; `request` are the arguments to echo, `answered` when it is true, None for the present."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(_Repository(settings), None, {"xsi": XSI})
        self.base_url = f"{settings.base_url}/oai"
        self.request: dict[str, str] = {}
        self.answered: datetime | None = None

    def with_request(self, request: dict[str, str]) -> "_Tree":
        self.request = request
        return self

    def _outputBasicEnvelope(self, **kw: Any) -> tuple[etree._ElementTree, etree._Element]:
        """The attributes of `<request>` are the arguments as they were sent (3.2), not as the library read them."""
        root = etree.Element(nsoai("OAI-PMH"), nsmap=self._nsmap)
        root.set(
            f"{{{XSI}}}schemaLocation",
            "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
        )
        etree.SubElement(root, nsoai("responseDate")).text = _stamp(self.answered or datetime.now(UTC))
        request = etree.SubElement(root, nsoai("request"), attrib=self.request)
        request.text = self.base_url
        return etree.ElementTree(root), root

    def handleException(self, exception: BaseException) -> etree._ElementTree:
        """Errors of verb and arguments echo no arguments, all others do (3.6); what is no protocol error is ours."""
        if not isinstance(exception, ErrorBase):
            raise exception
        if isinstance(exception, (BadVerbError, BadArgumentError)):
            self.request = {}
        return self._outputErrors([(exception.oainame(), str(exception))])

    def listSets(self, **kw: Any) -> etree._ElementTree:
        """With descriptions (4.6), which the library leaves out. All sets fit on one page, so that no token is ours."""
        if "resumptionToken" in kw:
            listing.read_token(kw["resumptionToken"], "ListSets")
        tree, element = self._outputEnvelope(verb="ListSets")
        for described in listing.list_sets():
            _output_set(element, described)
        return tree

    def envelope(self, verb: str) -> tuple[bytes, bytes]:
        """The bytes before and after the content of a verb's element."""
        tree, element = self._outputEnvelope(verb=verb)
        element.text = "\n"
        head, tail = _serialise(tree).split(f"<{verb}>\n</{verb}>".encode())
        return head + f"<{verb}>\n".encode(), f"</{verb}>".encode() + tail


class _Provider(ServerBase):
    def __init__(self, tree: _Tree) -> None:
        self._tree_server = tree

    def handleVerb(self, verb: str, kw: dict[str, Any]) -> bytes:
        match verb:
            case "GetRecord":
                return self._splice(verb, [listing.find_record(kw["identifier"], kw["metadataPrefix"])])
            case "ListRecords" | "ListIdentifiers":
                page = self._page(verb, kw)
                return self._splice(verb, [*page.records, _token(page)])
        return _serialise(getattr(self._tree_server, verb[0].lower() + verb[1:])(**kw))

    def handleException(self, kw: dict[str, Any], exc_info: Any) -> bytes:
        return _serialise(self._tree_server.handleException(exc_info[1]))

    def _page(self, verb: str, kw: dict[str, Any]) -> listing.ListPage:
        if "resumptionToken" in kw:
            return listing.next_page(verb, kw["resumptionToken"])
        start, until = (_aware(kw.get(name)) for name in ("from_", "until"))
        horizon = find_horizon(db.session())
        # Harvesters go on from here the next time (guidelines for harvester implementers, 3): the first second untold.
        self._tree_server.answered = horizon + SECOND
        return listing.first_page(verb, kw["metadataPrefix"], kw.get("set", ""), start, until, horizon)

    def _splice(self, verb: str, parts: Sequence[bytes]) -> bytes:
        head, tail = self._tree_server.envelope(verb)
        base = self._tree_server.base_url.removesuffix("/oai").encode()
        return b"".join((head, *parts, tail)).replace(MARK, base)


def _token(page: listing.ListPage) -> bytes:
    """The last page of a longer list ends with an empty token (3.5)."""
    if page.token is None:
        return b""
    element = etree.Element("resumptionToken", completeListSize=str(page.total), cursor=str(page.cursor))
    if page.expires:
        element.set("expirationDate", _stamp(page.expires))
    element.text = page.token or None
    return etree.tostring(element)


def _output_set(parent: etree._Element, described: OaiSet) -> None:
    element = etree.SubElement(parent, nsoai("set"))
    etree.SubElement(element, nsoai("setSpec")).text = described.spec
    etree.SubElement(element, nsoai("setName")).text = described.name
    if described.description:
        wrapper = etree.SubElement(element, nsoai("setDescription"))
        dublin = etree.SubElement(wrapper, f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC})
        dublin.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
        etree.SubElement(dublin, f"{{{DC}}}description").text = described.description


def _serialise(tree: etree._ElementTree) -> bytes:
    return STYLESHEET + etree.tostring(tree.getroot(), encoding="UTF-8")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _aware(moment: datetime | None) -> datetime | None:
    """The library reads times without a zone, in UTC."""
    return moment.replace(tzinfo=UTC) if moment else None
