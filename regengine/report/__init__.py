"""Results for people: a decision as a card on a terminal, and the tables that commands print."""

from .card import card, picture

__all__ = ["card", "picture"]
