"""What Identify says beside the facts: our identifiers, rules, rights of the records, and repositories we know.

Each is a container with a schema of its own (OAI-PMH 2.0 implementation guidelines, "Description containers").
"""

from collections.abc import Callable, Iterable

from lxml import etree

from oai.about import rights_manifest
from oai.formats.elements import add, root_element

IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
EPRINTS = "http://www.openarchives.org/OAI/1.1/eprints"
FRIENDS = "http://www.openarchives.org/OAI/2.0/friends/"

SCHEMAS = {
    IDENTIFIER: "http://www.openarchives.org/OAI/2.0/oai-identifier.xsd",
    EPRINTS: "http://www.openarchives.org/OAI/1.1/eprints.xsd",
    FRIENDS: "http://www.openarchives.org/OAI/2.0/friends.xsd",
}

POLICIES = {
    "content": "Works of the member libraries and their authors: articles, theses, books, reports, training materials,"
    " data, digitized rare books. Each item has a description; its files are open, embargoed, restricted or closed.",
    "metadataPolicy": "Descriptions are free to use for any purpose (CC0 1.0).",
    "dataPolicy": "Each file may be used as the licence in its description says. Robots may fetch open files.",
    "submissionPolicy": "Authors and librarians deposit; a reviewer of the collection publishes. Withdrawn items stay"
    " as deleted records for ever.",
}

_friends: list[Callable[[], Iterable[str]]] = []


def register_friends(known: Callable[[], Iterable[str]]) -> None:
    """Set who knows the base addresses of the repositories that we harvest; replaces what was registered."""
    _friends[:] = [known]


def descriptions(site: str, namespace: str) -> list[str]:
    """Return the containers as XML. `site` is the base address of the house, `namespace` that of our identifiers."""
    elements = [_identifiers(namespace), _policies(site)]
    addresses = [address for known in _friends for address in known()]
    if addresses:
        elements.append(_known(addresses))
    return [*(etree.tostring(element, encoding="unicode") for element in elements), rights_manifest().decode()]


def _identifiers(namespace: str) -> etree._Element:
    root = _root(IDENTIFIER, "oai-identifier")
    for name, text in (
        ("scheme", "oai"),
        ("repositoryIdentifier", namespace),
        ("delimiter", ":"),
        ("sampleIdentifier", f"oai:{namespace}:01234567s"),
    ):
        add(root, f"{{{IDENTIFIER}}}{name}", text)
    return root


def _policies(site: str) -> etree._Element:
    root = _root(EPRINTS, "eprints")
    for name, text in POLICIES.items():
        policy = add(root, f"{{{EPRINTS}}}{name}")
        add(policy, f"{{{EPRINTS}}}URL", f"{site}/policies?lang=en")
        add(policy, f"{{{EPRINTS}}}text", text)
    return root


def _known(addresses: list[str]) -> etree._Element:
    root = _root(FRIENDS, "friends")
    for address in addresses:
        add(root, f"{{{FRIENDS}}}baseURL", address)
    return root


def _root(namespace: str, name: str) -> etree._Element:
    return root_element(f"{{{namespace}}}{name}", {None: namespace}, namespace, SCHEMAS[namespace])
