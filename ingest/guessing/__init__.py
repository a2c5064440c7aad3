"""Guesses about a document: who wrote what, in which language. Pure functions over text."""
