"""OCFL 1.1 objects (https://ocfl.io/1.1/spec/) on a local disk.

layout.py      where an object lies in the storage root (section 4)
inventory.py   what an object says of itself (section 3.5), pure
staging.py     writes a version beside the root
recovery.py    reads the root of an object; finishes or takes back a half-placed version
store.py       OcflStore, the port `repo.storage.ports.ObjectStore` on a disk
"""

from repo.storage.ocfl.store import OcflStore

__all__ = ["OcflStore"]
