"""Beginning to serve: init, serve, web, worker."""

import click


@click.command()
def init() -> None:
    """Make the data directory and its tables, or bring them up to date."""
    from repo.app import create_app
    from repo.installation import prepare
    from repo.settings import current_settings

    app = create_app()
    prepare(app)
    with app.app_context():
        click.echo(f"Muras is ready in {current_settings().data_dir}")


@click.command()
def serve() -> None:
    """Serve pages and do the work behind them, until Ctrl-C."""
    from repo.app import create_app
    from repo.installation import prepare
    from repo.logs import log_to_stderr
    from repo.processes import give_memory_back
    from repo.serve import run_apart, serve
    from repo.webserver import check_port

    log_to_stderr()
    give_memory_back()
    app = create_app()
    settings = app.extensions["muras.settings"]
    check_port(settings)
    # In a process of its own: this one must not have opened the database when it forks.
    if status := run_apart(lambda: prepare(app)):
        raise SystemExit(status)
    click.echo(f"Muras is at {settings.base_url} (listening on {settings.host}:{settings.port}); Ctrl-C ends it")
    serve(app)


@click.command()
def web() -> None:
    """Serve pages alone; the work behind them is done by `muras worker`."""
    from repo.app import create_app
    from repo.logs import log_to_stderr
    from repo.webserver import check_port, serve_web

    log_to_stderr()
    app = create_app()
    settings = app.extensions["muras.settings"]
    check_port(settings)
    serve_web(app, settings)


@click.command()
def worker() -> None:
    """Do the work behind the pages; one for each data directory."""
    from repo.app import create_app
    from repo.jobs.worker import work
    from repo.logs import log_to_stderr

    log_to_stderr()
    work(create_app())


COMMANDS = (init, serve, web, worker)
