"""Synthetic enterprises of the 232 national zones with their registers: made up, drawn from published shares, fixed by a seed."""

from .netdz import BLOCK, LAST_DAY, MOST, write_netdz
from .registers import REGISTERS

__all__ = ["BLOCK", "LAST_DAY", "MOST", "REGISTERS", "write_netdz"]
