"""The stores of the running application, where its settings say."""

from flask import Flask

from repo.settings import Settings
from repo.storage import derivatives, store, uploads
from repo.storage.derivatives import Derivatives
from repo.storage.ports import FromBytes
from repo.storage.uploads import Uploads
from tests.storage.material import ABOUT


def test_where_the_settings_say(context: Flask, settings: Settings) -> None:
    assert not settings.ocfl_root.exists() and not settings.uploads_dir.exists()
    store().place(store().stage("muras:a", {"n": FromBytes(b"n")}, **ABOUT))
    assert store() is store()
    assert (settings.ocfl_root / "0=ocfl_1.1").exists()
    assert isinstance(uploads(), Uploads) and uploads().root == settings.uploads_dir
    assert isinstance(derivatives(), Derivatives) and derivatives().root == settings.derivatives
