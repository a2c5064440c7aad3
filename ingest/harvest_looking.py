"""A look at a source before it is written down. Apart from the rows of sources, since asking brings a client along that
the processes which only serve pages never need."""

from flask_babel import gettext as _

from ingest.fetching import Fetcher, Timing
from ingest.harvest import agent
from ingest.harvest_messages import say_trouble
from ingest.harvest_sources import Plan
from ingest.oai_client import Identity, Provider, ProviderError, sleepless
from ingest.services import sandbox
from repo.db import db
from repo.errors import InvalidError
from repo.items.access import Actor
from repo.settings import current_settings
from repo.vocabularies.numbers import normalise_number

LOOK = Timing(connect=5, silence=5, whole=10)
"""Somebody sits before the form."""
LONGEST = 24 * 366
"""Hours between two harvests."""


def look_at_source(actor: Actor, plan: Plan) -> Identity:
    """Ask the source who it is and whether it has the format; takes some seconds, outside of transactions.

    Only an administrator may name an address of our own network. Raises InvalidError with what is wrong beside the
    fields.
    """
    faults: dict[str, list[str]] = {}
    if not normalise_number("url", plan.base_url) or len(plan.base_url) > 500:
        faults["base_url"] = [_("An address like https://example.org/oai is needed.")]
    elif plan.base_url.startswith(f"{current_settings().base_url}/"):
        faults["base_url"] = [_("This is our own address.")]
    if not 1 <= plan.hours <= LONGEST:
        faults["hours"] = [_("A number of hours from 1 on is needed.")]
    if faults:
        raise InvalidError(faults)
    fetcher = Fetcher(agent(), plan.base_url if actor.is_administrator else "", LOOK)
    provider = Provider(plan.base_url, fetcher, sandbox(), sleepless, most=2)
    db.session.rollback()
    try:
        identity, formats = provider.identify(), provider.formats()
    except ProviderError as error:
        raise InvalidError({"base_url": [say_trouble(str(error.code), error.data)]}) from error
    if plan.prefix not in formats:
        offered = ", ".join(sorted(formats)[:20])
        told = _("The repository does not offer this format. It offers: %(formats)s", formats=offered)
        raise InvalidError({"format": [told]})
    return identity
