"""What hangs together: the groups that links between things make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["groups"]


def groups(links: Iterable[Sequence[int]], size: int) -> list[int]:
    """The group of each of `size` things, as the least of its members, where all things of one link are in one group."""
    parent = list(range(size))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for link in links:
        for other in link[1:]:
            first, second = sorted((root(link[0]), root(other)))
            parent[second] = first
    return [root(one) for one in range(size)]
