"""A sandbox as the worker has it, helpers to send a file through the pipeline, and a collection to load into."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from ingest.pipeline import Report, open_sandbox, run_pipeline
from ingest.sandbox import Sandbox
from repo.members.models import Collection, Library
from tests import factories

ReadFile = Callable[..., Report]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(workers=2) as box:
        yield box


@pytest.fixture
def read(sandbox: Sandbox, tmp_path: Path) -> ReadFile:
    """`read(path)` or `read(content, "name.pdf")`: the report of the pipeline; pictures go to `tmp_path`."""

    def read(source: Path | bytes, filename: str = "", **options: object) -> Report:
        if isinstance(source, bytes):
            path = tmp_path / "upload"
            path.write_bytes(source)
        else:
            path = source
        return run_pipeline(path, filename or path.name, sandbox=sandbox, pictures_to=tmp_path, **options)  # type: ignore[arg-type]

    return read


@pytest.fixture
def library(context: Flask) -> Library:
    return factories.make_library("knu")


@pytest.fixture
def collection(library: Library) -> Collection:
    return factories.make_collection(library, "books")
