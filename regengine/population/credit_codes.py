"""Unified social credit codes for enterprises that do not exist, many at once.

Guarantees: 18 characters of the form of GB 32100-2015 with its check character, the organisation code inside with the check character of
GB 11714, no code twice, and `FAK` at the beginning of every organisation code, by which a reader knows them. Does not guarantee that a
register never gives such a code out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MOST", "credit_codes"]

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: without I, O, S, V and Z
LETTERS = np.frombuffer(SIGNS.encode(), np.uint8)
VALUES = np.array([int(sign, 36) for sign in SIGNS])  # GB 11714 counts letters from A = 10, all 26 of them
WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
ORGANISATION_CHECKS = np.array([SIGNS.index(sign) for sign in "0123456789X0"])
HEAD = [SIGNS.index(sign) for sign in "91"]  # registered with market regulation, an enterprise
MARK = [SIGNS.index(sign) for sign in "FAK"]
MOST = 31**5  # numbers that the five free characters can tell apart
STEP = 17_320_508  # coprime to 31, so that neighbours look unlike and still no number is met twice


def credit_codes(numbers: NDArray[np.int64], divisions: NDArray[np.int64]) -> list[str]:
    """The code of each number (from 0, below `MOST`) in its division (a six-digit number)."""
    left = numbers * STEP % MOST
    signs = np.empty((len(numbers), 18), np.int64)
    signs[:, :2] = HEAD
    for place in range(6):
        signs[:, 2 + place] = divisions // 10 ** (5 - place) % 10
    signs[:, 8:11] = MARK
    for place in range(15, 10, -1):
        left, signs[:, place] = np.divmod(left, 31)
    signs[:, 16] = ORGANISATION_CHECKS[11 - VALUES[signs[:, 8:16]] @ ORGANISATION_WEIGHTS % 11]
    signs[:, 17] = -(signs[:, :17] @ WEIGHTS) % 31
    text = LETTERS[signs].tobytes().decode()
    return [text[start : start + 18] for start in range(0, len(text), 18)]
