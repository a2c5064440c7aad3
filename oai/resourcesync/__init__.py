"""ResourceSync 1.1 (ANSI/NISO Z39.99-2017): full texts are mirrored without crawling.

    documents.py    what lists look like; pure
    models.py       the files that anybody may read, what changed, and the packages of the dump
    resources.py    a projection of items: writes the first two in the same commit
    listing.py      reads them, a page of ids at a time
    dump.py         writes packages and says which of them still may be given out
    tasks.py        what happens by itself
    views.py        the addresses

The resources are the files of public versions at their permanent addresses, as far as anybody may read them.
"""
