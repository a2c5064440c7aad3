"""Writing a version where no reader sees it, whole, so that only renames are left to do.

<home>/0=ocfl_object_1.1          (a first version only)
<home>/inventory.json             and its sidecar
<home>/v3/inventory.json          the same, and its sidecar
<home>/v3/content/0001.pdf

Of a new object the whole directory is moved, so that nothing is left to remove: on ext4 every inode that is freed
makes those of the next minutes dearer, which a bulk load feels.
"""

from collections.abc import Mapping
from pathlib import Path

from repo.failpoints import failpoint
from repo.storage.disk import link_or_copy, sha512_of, write_new
from repo.storage.ocfl import inventory as inventories
from repo.storage.ocfl.layout import OBJECT_DECLARATION
from repo.storage.ports import FromBytes, FromPath, Inventory, Keep, ObjectMissing, Source, SourceChanged


def write_content(
    home: Path, object_id: str, files: Mapping[str, Source], base: Inventory | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Write the content that the object lacks; return the state (path → digest) and the new manifest entries.

    OCFL's forward delta (section 3.4): bytes that any version holds are named again, not written again.
    """
    number = base.head + 1 if base else 1
    held = base.manifest if base else {}
    (home / f"v{number}").mkdir()
    state: dict[str, str] = {}
    added: dict[str, str] = {}
    for logical_path, source in sorted(files.items()):
        digest = inventories.digest_of(source.data) if isinstance(source, FromBytes) else source.sha512
        state[logical_path] = digest
        if digest in held or digest in added:
            continue
        if isinstance(source, Keep):
            raise ObjectMissing(object_id, logical_path)
        added[digest] = f"v{number}/content/{inventories.content_name(len(added) + 1, logical_path)}"
        _write_file(home / added[digest], source)
        failpoint("stage:after-content")
    return state, added


def _write_file(target: Path, source: FromPath | FromBytes) -> None:
    # Made with the first file: a version without new content has no content directory (OCFL 1.1, 3.3.1).
    target.parent.mkdir(exist_ok=True)
    if isinstance(source, FromBytes):
        write_new(target, source.data)
        return
    if source.path.is_symlink() or not source.path.is_file():
        raise SourceChanged(source.path)
    link_or_copy(source.path, target)
    # Read once more although the digest was taken at the upload: that may be weeks ago, and until now the depositor
    # can still send the file again.
    if target.stat().st_size != source.size or sha512_of(target) != source.sha512:
        raise SourceChanged(source.path)


def write_records(home: Path, inventory: Inventory) -> None:
    """Write the inventory and its sidecar, for the object and for the version, and for a new object its declaration."""
    data = inventories.write_inventory(inventory)
    for place in (home, home / f"v{inventory.head}"):
        write_new(place / inventories.FILE_NAME, data)
        write_new(place / inventories.SIDECAR_NAME, inventories.sidecar_of(data))
    if inventory.head == 1:
        write_new(home / OBJECT_DECLARATION, b"ocfl_object_1.1\n")
