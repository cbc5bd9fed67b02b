"""What the proof found: the simulator's own record against what should have been said, and the ledger's open ends."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from tests.proof.people import ANSWERS, Person, expected

TICKET = re.compile(r"(?<= is ticket )\d+$")


@dataclass
class Verdict:
    """The figures; `holds` when every promise of SPEC 2.5 was kept."""

    seed: int
    seconds: float
    kills: Counter[str]
    wanted_kills: int
    wrote: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    open_ends: dict[str, int] = field(default_factory=dict)
    hidden: int = 0
    sends: int = 0
    delivered: int = 0
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        broken = (self.lost, self.twice, self.disordered, self.stuck)
        return not (any(broken) or any(self.open_ends.values()) or self.hidden) and self.killed >= self.wanted_kills

    @property
    def killed(self) -> int:
        return sum(self.kills.values())

    def text(self) -> str:
        """The report, the verdict last."""
        lines = [
            f"seed {self.seed}: {self.wrote} messages of customers in {self.seconds:.0f} s",
            f"kills: {self.killed} ({', '.join(f'{name} {count}' for name, count in sorted(self.kills.items()))})",
            f"sends asked of Instagram: {self.sends}, delivered: {self.delivered}",
            *(f"{name}: {value}" for name, value in self.figures.items()),
            f"lost: {len(self.lost)}, sent twice: {len(self.twice)}, out of order: {len(self.disordered)}, "
            f"never answered: {len(self.stuck)}, open ends: {sum(self.open_ends.values())}, "
            f"undecided and not shown: {self.hidden}",
            *(
                f"  {kind}: {one}"
                for kind in ("lost", "twice", "disordered", "stuck")
                for one in getattr(self, kind)[:5]
            ),
            *(f"  open: {name} {count}" for name, count in self.open_ends.items() if count),
        ]
        if self.killed < self.wanted_kills:
            lines.append(f"  only {self.killed} of {self.wanted_kills} kills")
        return "\n".join([*lines, f"VERDICT: {'every promise held' if self.holds else 'a promise was BROKEN'}"])


async def judge(verdict: Verdict, people: list[Person], http: httpx.AsyncClient, database_url: str) -> None:
    """Compare, and count."""
    said: dict[tuple[str, str], list[str]] = {}
    verdict.sends = (await http.get("/control/counts")).json()["sends"]
    async for record in _delivered(http):
        verdict.delivered += 1
        text = str(record["body"]["message"].get("text"))
        said.setdefault((record["account"], record["customer"]), []).append(TICKET.sub("#", text))
    with psycopg.connect(database_url) as connection:
        tickets = Counter(title for (title,) in connection.execute("SELECT title FROM tickets").fetchall())
        heard = Counter(
            text for (text,) in connection.execute("SELECT text FROM messages WHERE direction = 'in'").fetchall()
        )
        open_ends = "SELECT state, count(*) FROM messages WHERE state IN ('pending', 'sending', 'unknown') GROUP BY 1"
        verdict.open_ends = {f"messages {state}": count for state, count in connection.execute(open_ends).fetchall()}
        [(waiting,)] = connection.execute("SELECT count(*) FROM inbox WHERE forwarded_at IS NULL").fetchall()
        verdict.open_ends["events in the inbox"] = waiting
        [(undecided,)] = connection.execute("SELECT count(*) FROM messages WHERE state = 'undecided'").fetchall()
        [(shown,)] = connection.execute(
            "SELECT count(*) FROM notifications WHERE kind = 'undecided_message'"
        ).fetchall()
        [(reconciled,)] = connection.execute("SELECT count(*) FROM inbox WHERE outcome = 'reconciled'").fetchall()
        [(attempts,)] = connection.execute("SELECT count(*) FROM messages WHERE attempts > 1").fetchall()
    verdict.hidden = undecided - shown
    verdict.figures |= {
        "reconciled by an echo": reconciled,
        "tried more than once": attempts,
        "undecided and shown to people": undecided,
    }
    for person in people:
        words = person.words[: person.wrote]
        verdict.wrote += len(words)
        compare(verdict, expected(person.account, words), said.get((person.account, person.id), []))
        for word in words:
            _count(verdict, f"{word} in the transcript", heard[word])
        for word in words[1:] if person.account == ANSWERS else []:
            _count(verdict, f"ticket of {word}", tickets[word])


async def _delivered(http: httpx.AsyncClient) -> AsyncIterator[dict[str, Any]]:
    """Every message that the simulator delivered, in order."""
    after = 0
    while found := (await http.get("/control/sends", params={"delivered": True, "after": after, "limit": 1000})).json():
        for record in found:
            yield record
        after = found[-1]["number"]


def compare(verdict: Verdict, wanted: list[str], said: list[str]) -> None:
    """Book what is missing, too much, or in another order."""
    due, found = Counter(wanted), Counter(said)
    verdict.lost += list((due - found).elements())
    verdict.twice += list((found - due).elements())
    if due == found and wanted != said:
        verdict.disordered.append(f"{said} instead of {wanted}")


def _count(verdict: Verdict, what: str, times: int) -> None:
    if times == 0:
        verdict.lost.append(what)
    elif times > 1:
        verdict.twice.append(what)
