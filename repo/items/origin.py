"""Where an item was harvested from, as it is told on (OAI-PMH guidelines "provenance", 2.1); pure."""

from typing import Any, Optional

from pydantic import BaseModel, ConfigDict


class Origin(BaseModel):
    """One step of a record's way here; `before` is the step before it, when the source had harvested it too.

    `identifier`, `datestamp` and `namespace` (of the metadata) are as the source said them; `harvested_at` is UTC,
    YYYY-MM-DDThh:mm:ssZ; `address` is the landing page at the source; `altered`: what we tell on is not what it sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested_at: str
    altered: bool = True
    repository: str = ""
    address: str = ""
    before: Optional["Origin"] = None


def read_origin(stored: dict[str, Any] | None) -> Origin | None:
    """Raises pydantic.ValidationError on damaged JSON."""
    return Origin.model_validate(stored) if stored else None


def write_origin(origin: Origin | None) -> dict[str, Any] | None:
    return origin.model_dump(mode="json", exclude_defaults=True) if origin else None
