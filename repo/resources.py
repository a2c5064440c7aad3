"""Where the folders that ship beside the code lie, in a wheel and in a checkout alike."""

from importlib.resources import files
from pathlib import Path


def resource_dir(name: str) -> Path:
    """Return the folder `name` ("templates" or "migrations").

    In a wheel it lies inside the package `repo`, in a checkout or an editable install beside it.
    Raises FileNotFoundError when it is in neither place: the installation is incomplete.
    """
    package = Path(str(files("repo")))
    for candidate in (package / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}: neither in {package} nor beside it")
