"""The demonstration: invented libraries, people and some thirty works, so that every screen has something to show.

`house.toml` and `items/*.toml` say what there is, `files/` holds the works. Everything goes the way that a library's
own works go: deposit, ingest pipeline, review, publishing.
"""
