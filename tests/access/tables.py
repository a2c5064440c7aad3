"""Who may use which route, on what: every route of the house stands in one of these tables, or the walk fails.

A string names who gets an answer, a letter each (tests/access/house.py); everybody else is refused with 401, 403,
404 or 410. What is not listed for a route is for nobody.
"""

from collections.abc import Mapping

from tests.access.house import EVERYONE, KNU, NOBODY, OSH, OWN, SIGNED_IN, STAFF

Table = Mapping[str, str]

PUBLIC = ("open", "embargoed", "restricted", "closed", "far_restricted", "closing", "revised")

SEEN = dict.fromkeys(PUBLIC, EVERYONE) | {"withdrawn": STAFF, "expunged": STAFF}
"""The page of a record, and its description in other formats."""

REPORTED = dict.fromkeys(PUBLIC, EVERYONE)

DRAFTS = {"draft": OWN, "revised": OWN, "far_draft": OSH, "like": "srlA"}
"""The steps of a draft; of what was submitted only whoever reviews it may change something."""
MENDED = DRAFTS | {"submitted": STAFF, "far_submitted": OSH}
OVERVIEW = DRAFTS | {"submitted": OWN, "far_submitted": OSH}

LED_ON = OVERVIEW | dict.fromkeys(("open", "closing", "withdrawn", "expunged"), SIGNED_IN)
"""The address of a deposit leads to the record that it became."""

REVIEWED = {"submitted": STAFF, "far_submitted": OSH}
LOOKED_AFTER = dict.fromkeys(PUBLIC, STAFF) | {"far_restricted": OSH, "withdrawn": STAFF, "expunged": STAFF}
RENEWED = dict.fromkeys(PUBLIC, OWN) | {"far_restricted": OSH}
"""Whoever may begin a new version or a correction of what is public, or go on with the one that is open."""

BY_LIBRARY = {"knu": KNU, "osh": OSH}
BY_COLLECTION = {"science": KNU, "arts": KNU, "history": OSH}
BY_SOURCE = {"science": KNU, "history": OSH}
"""Sources by the collection of their works."""
BY_BATCH = {"science": "rldA", "history": OSH}
"""Bulk loads by the collection of their works: whoever scans for the library, or looks after the collection."""
BY_PERSON = {"r": KNU, "l": KNU, "d": KNU, "m": KNU, "f": OSH, "s": "A", "a": "A", "A": "A", "x": "A"}
"""Librarians see who holds a role in their library."""

PAGES: Table = {
    **dict.fromkeys(
        ("house.home", "house.about", "house.policies", "house.contact", "search.results", "search.take_along"),
        EVERYONE,
    ),
    **dict.fromkeys(("search.advanced", "search.suggest_more", "search.description"), EVERYONE),
    **dict.fromkeys(("browse.index", "browse.new", "browse.titles", "browse.headings", "browse.libraries"), EVERYONE),
    **dict.fromkeys(("browse.library", "browse.collection", "browse.by_year", "browse.by_type"), EVERYONE),
    **dict.fromkeys(("feeds.new", "feeds.library", "feeds.collection", "feeds.robots"), EVERYONE),
    **dict.fromkeys(("feeds.sitemap_index", "feeds.sitemap", "oai.provider", "oai.guide", "oai.style"), EVERYONE),
    **dict.fromkeys(("resourcesync.source", "resourcesync.capability_list"), EVERYONE),
    **dict.fromkeys(("resourcesync.resource_list", "resourcesync.resource_page"), EVERYONE),
    **dict.fromkeys(("resourcesync.change_list", "resourcesync.change_page"), EVERYONE),
    **dict.fromkeys(("resourcesync.resource_dump", "resourcesync.dump_package"), EVERYONE),
    **dict.fromkeys(("account.sign_in", "account.sign_up", "account.forgot", "static", "healthz"), EVERYONE),
    **dict.fromkeys(("metrics.metrics", "deposit.agreement_text"), EVERYONE),
    **dict.fromkeys(("account.overview", "deposit.index", "deposit.new"), SIGNED_IN),
    **dict.fromkeys(("account.confirm", "account.reset"), NOBODY),  # with a link that nobody was sent
    **dict.fromkeys(("review.queue", "review.withdrawn"), "rlfA"),
    **dict.fromkeys(("admin.entrance", "admin.libraries", "admin.people", "admin.invite"), "lfA"),
    **dict.fromkeys(("admin.sources", "admin.new_source", "admin.exports", "admin.new_export"), "lfA"),
    **dict.fromkeys(("batches.batches", "batches.new", "batches.all_profiles"), "rldfA"),
    "batch_files.tus_upload": NOBODY,  # of a file that nobody has begun
    **dict.fromkeys(("admin.health", "admin.jobs", "admin.job", "admin.mail", "admin.new_library"), "A"),
}
"""GET: pages that are the same whatever they are asked about."""

ABOUT: Mapping[str, Table] = {
    "browse.heading": {"токтосунова жаркынай": EVERYONE, "шырдак": EVERYONE},
    "browse.by_language": {"ky": EVERYONE},
    **dict.fromkeys(("records.landing_page", "records.similar", "records.export", "records.linkset"), SEEN),
    "house.report": REPORTED,
    "deposit.overview": LED_ON,
    **dict.fromkeys(("deposit.fields", "deposit.files", "deposit.agreement"), MENDED),
    **dict.fromkeys(("deposit.check", "deposit.delete"), MENDED),
    **dict.fromkeys(("review.submission", "review.preview"), REVIEWED),
    **dict.fromkeys(("review.withdraw", "review.history"), LOOKED_AFTER),
    **dict.fromkeys(("admin.library", "admin.collections", "admin.new_collection"), BY_LIBRARY),
    **dict.fromkeys(("admin.collection", "admin.collection_people", "admin.move"), BY_COLLECTION),
    "admin.person": BY_PERSON,
    **dict.fromkeys(("admin.source", "admin.edit_source", "admin.remove"), BY_SOURCE),
    **dict.fromkeys(("batches.batch", "batches.undo", "batches.profile", "batches.report"), BY_BATCH),
    "batches.accept": BY_BATCH,  # whoever does not decide is sent to the load
    "batches.profile_file": {"knu": "rldA", "osh": OSH},
    **dict.fromkeys(("admin.export", "admin.export_file"), BY_SOURCE),
}
"""GET: pages about a work, a library, a collection, a person or a heading."""

FILES = ("records.version_file", "records.newest_file", "records.preview")
DRAFT_FILES = ("deposit_files.file", "deposit_files.picture", "review.file")
"""GET: whoever may read the file, and of drafts may also open the draft or its review."""

POSTS: Mapping[str, Table] = {
    "deposit.save_fields": MENDED,
    "deposit.save_files": MENDED,
    "deposit.accept": MENDED,
    "deposit.submit": OVERVIEW,
    "deposit.delete": OVERVIEW,
    "deposit.take_back": OVERVIEW,
    "deposit.start": RENEWED | DRAFTS | {"submitted": OWN, "far_submitted": OSH, "withdrawn": OWN, "expunged": OWN},
    "deposit_files.add_files": OVERVIEW,
    "deposit_files.tus_uploads": OVERVIEW,
    "deposit_files.tus_upload": {"draft": "a"},
    "review.submission": REVIEWED,
    "review.withdraw": LOOKED_AFTER,
    "review.restore": LOOKED_AFTER,
    "house.report": REPORTED,
    **dict.fromkeys(("admin.library", "admin.new_collection"), BY_LIBRARY),
    **dict.fromkeys(("admin.merge", "admin.close", "admin.reopen"), {"knu": "A", "osh": "A"}),
    **dict.fromkeys(("admin.collection", "admin.collection_people", "admin.move"), BY_COLLECTION),
    **dict.fromkeys(("admin.close_branch", "admin.reopen_branch", "admin.revoke_collection_role"), BY_COLLECTION),
    **dict.fromkeys(("admin.person", "admin.resend", "admin.revoke"), BY_PERSON),
    **dict.fromkeys(("admin.edit_source", "admin.run_source", "admin.remove"), BY_SOURCE),
    **dict.fromkeys(("admin.pause", "admin.resume"), BY_SOURCE),
    **dict.fromkeys(("batches.check", "batches.bring_in", "batches.pause", "batches.resume"), BY_BATCH),
    **dict.fromkeys(("batches.cancel", "batches.remove", "batches.undo", "batches.profile"), BY_BATCH),
    "batches.accept": {"science": "rlA", "history": OSH},  # whoever decides
    **dict.fromkeys(("batch_files.add_file", "batch_files.tus_uploads"), BY_BATCH),
    "admin.remove_package": BY_SOURCE,
    **dict.fromkeys(("admin.disable", "admin.enable"), dict.fromkeys(BY_PERSON, "A")),
}
"""What changes something: a form, or a piece of a file."""

FORMS: Table = {
    **dict.fromkeys(("house.contact", "account.sign_in", "account.sign_up", "account.forgot"), EVERYONE),
    **dict.fromkeys(("account.confirm", "account.reset"), NOBODY),
    **dict.fromkeys(("account.profile", "account.password", "account.sessions", "deposit.new"), SIGNED_IN),
    "account.sign_out": EVERYONE,
    "oai.provider": EVERYONE,  # a harvester may ask by POST (OAI-PMH 2.0, 3.1.1)
    **dict.fromkeys(("admin.invite", "admin.new_source", "admin.new_export"), "lfA"),
    **dict.fromkeys(("batches.new", "batches.all_profiles"), "rldfA"),
    "batch_files.tus_upload": NOBODY,
    **dict.fromkeys(("admin.new_library", "admin.retry", "admin.cancel"), "A"),
}
"""Forms that are about nothing in particular."""

WITHOUT_TOKEN = {
    "oai.provider": 200,
    "deposit_files.tus_uploads": 403,
    "deposit_files.tus_upload": 403,
    "batch_files.tus_uploads": 403,
}
"""What is taken without a token because it changes nothing, and what proves in its own way where it comes from."""
