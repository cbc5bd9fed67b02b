"""Searching texts by the beginnings of their words."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

from store.columns import storable

SIMPLE: Any = literal_column("'simple'::regconfig")
"""Words as they are, in small letters: customers write in every language."""


def having(text: Any, words: str) -> ColumnElement[bool]:
    """Whether a text has words that begin with all of these, in any order and any case."""
    # In quotes nothing is an operator; only the quotes themselves have to be written twice, and backslashes.
    parts = [word.replace("\\", "\\\\").replace("'", "''") for word in storable(words).split()]
    return func.to_tsvector(SIMPLE, text).op("@@")(func.to_tsquery(SIMPLE, " & ".join(f"'{part}':*" for part in parts)))
