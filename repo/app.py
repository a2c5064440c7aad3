"""The wiring of the house, read from top to bottom."""

from datetime import timedelta

from flask import Flask

from repo import backends, db, web
from repo.resources import resource_dir
from repo.settings import Settings, load_secret_key, read_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Create the application. Web processes, the worker and every command go through here, so that no edge
    changes an item without its projections."""
    settings = settings or read_settings()
    app = Flask("repo", template_folder=str(resource_dir("templates")), static_folder=None)
    configure(app, settings)
    db.init_app(app)
    backends.init_app(app, settings)
    web.init_app(app)
    open_rooms(app)
    follow_changes(settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    app.extensions["muras.settings"] = settings
    app.config.update(
        SECRET_KEY=load_secret_key(settings),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database),
        SESSION_COOKIE_NAME="muras",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may stay open over a weekend
        MAX_CONTENT_LENGTH=settings.max_upload + 1_000_000,  # a file and the fields of its form
        MAX_FORM_MEMORY_SIZE=2_000_000,
        TESTING=settings.testing,
    )


def open_rooms(app: Flask) -> None:
    """Each room with screens brings its blueprints; what a room does in the background registers itself."""
    import ingest.export_models
    import ingest.models
    import ingest.tasks  # noqa: F401  # tables and jobs
    import oai.resourcesync.tasks
    import oai.tasks  # noqa: F401  # jobs
    import repo.deposit.tasks
    import repo.items.tasks
    import repo.jobs.tasks
    import repo.mail.tasks
    import repo.members.tasks
    import repo.search.tasks
    import repo.statistics.tasks  # noqa: F401  # jobs
    from oai import views as oai_views
    from oai.resourcesync import views as mirrors
    from repo.admin import metrics
    from repo.admin import views as office
    from repo.admin.views import batch_files, batches
    from repo.deposit import upload_views as deposit_files
    from repo.deposit import views as deposit
    from repo.discovery.views import browse, feeds, house, records, search
    from repo.members import views as members_views
    from repo.review import views as review
    from repo.web.csrf import csrf

    work = (members_views.bp, deposit.bp, deposit_files.bp, review.bp, office.bp, batches.bp, batch_files.bp)
    reading = (house.bp, records.bp, search.bp, browse.bp, feeds.bp, oai_views.bp, mirrors.bp, metrics.bp)
    for blueprint in (*work, *reading):
        app.register_blueprint(blueprint)
    csrf.exempt(deposit_files.bp)  # reads bodies as they arrive, and checks first where they come from
    csrf.exempt(batch_files.bp)  # the same
    csrf.exempt(oai_views.bp)  # harvesters post without a form's token; the provider changes nothing


def follow_changes(settings: Settings) -> None:
    """What follows a change of an item, and one of libraries and collections, in this order."""
    from ingest.export_requests import ExportProjection
    from ingest.harvest_sources import known_addresses
    from oai.identify import register_friends
    from oai.ledger import LedgerProjection, check_kept_formats
    from oai.resourcesync.resources import ResourceProjection
    from oai.sets import describe_sets
    from repo.items.projections import register_projections
    from repo.items.services.relocating import follow_tree
    from repo.members.changes import register_followers
    from repo.search.projection import IndexProjection

    check_kept_formats(settings)
    register_projections(LedgerProjection(), ResourceProjection(), IndexProjection(), ExportProjection())
    register_friends(known_addresses)
    register_followers(follow_tree, lambda change: describe_sets(db.db.session()))
