"""Circles among places that lead to each other, found in one walk over all of them (Tarjan's algorithm)."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)

SHOWN = 12
"""The most places of a way that a message names."""


def circles(links: Mapping[Place, Collection[Place]], among: Iterable[Place] | None = None) -> Iterator[list[Place]]:
    """The shortest circle through the first of each set of places that all lead to each other, in the order of `links`.

    `among`: only circles through these places, each beginning with one of them.
    """
    wanted = None if among is None else set(among)
    told: set[int] = set()
    number = numbered(components(links))
    for place in links:
        if number[place] in told or (wanted is not None and place not in wanted):
            continue
        way = way_back(place, links, number)
        if way:
            told.add(number[place])
            yield way


def components(links: Mapping[Place, Iterable[Place]]) -> list[list[Place]]:
    """The sets of places that all lead to each other; a set comes after every other one that it leads to.

    What is no key of `links` leads nowhere and is in no set.
    """
    found: list[list[Place]] = []
    index: dict[Place, int] = {}
    low: dict[Place, int] = {}
    done: set[Place] = set()
    stack: list[Place] = []
    for root in links:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        work: list[tuple[Place, Iterator[Place]]] = [(root, iter(links[root]))]
        while work:
            place, rest = work[-1]
            for to in rest:
                if to not in links:
                    continue
                if to not in index:
                    index[to] = low[to] = len(index)
                    stack.append(to)
                    work.append((to, iter(links[to])))
                    break
                if to not in done:
                    low[place] = min(low[place], index[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[place])
                if low[place] == index[place]:
                    members = [stack.pop()]
                    while members[-1] != place:
                        members.append(stack.pop())
                    done.update(members)
                    found.append(members)
    return found


def numbered(sets: Sequence[Iterable[Place]]) -> dict[Place, int]:
    """The number of the set that each place is in."""
    return {place: number for number, members in enumerate(sets) for place in members}


def way_back(start: Place, links: Mapping[Place, Iterable[Place]], number: Mapping[Place, int]) -> list[Place]:
    """The shortest way from a place back to itself; empty where there is none."""
    came: dict[Place, Place] = {}
    waiting = [start]
    for place in waiting:
        for to in links[place]:
            if to == start:
                way = [place]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if number.get(to) == number[start] and to not in came:
                came[to] = place
                waiting.append(to)
    return []


def round_trip(circle: Sequence[str]) -> str:
    """The circle in a message, back to its first place; the middle of a long one is left out."""
    return arrows((*circle, circle[0]))


def arrows(way: Sequence[str]) -> str:
    """A way in a message; the middle of a long one is left out."""
    if len(way) <= SHOWN:
        return " -> ".join(way)
    before, behind = way[: SHOWN - 3], way[-2:]
    return " -> ".join((*before, f"({len(way) - len(before) - len(behind)} more)", *behind))
