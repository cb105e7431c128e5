"""A draw that anyone can check: tickets, strata and quotas, the record with its commitment, and the check."""

from .sample import ALGORITHM, Quota, draw, floor_number, numbers_of, probabilities, tickets, write_manifest

__all__ = ["ALGORITHM", "Quota", "draw", "floor_number", "numbers_of", "probabilities", "tickets", "write_manifest"]
