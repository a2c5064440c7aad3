"""Loaders: what libraries have, read as packages; a module a format, pure, independent of each other."""
