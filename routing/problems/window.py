"""Messages that can leave Instagram's 24-hour window on some path, each with the shortest proof (SPEC 3, facts 2.2)."""

from datetime import timedelta

from routing.configuration import Configuration
from routing.problems.ages import Ages, Delay, Proof
from routing.problems.manners import manners, together
from routing.problems.problem import Report
from routing.problems.silence import Arrival, Message, Silence

WINDOW = timedelta(hours=24)
"""How long after the customer's last message Instagram takes another one (facts 2.2)."""


def check_window(configuration: Configuration, report: Report) -> None:
    """Every message that the configuration itself sends, on every path from every connector that can be read."""
    silence = Silence(configuration, report)
    several = manners(configuration, report)
    # If nothing is late where all of them are possible at once, no single one has to be looked at.
    possible = set(_late(Ages(silence, together(several)))) if len(several) > 1 else None
    found: dict[str, Proof] = {}
    for manner in several:
        if possible is not None and possible <= found.keys():
            break
        ages = Ages(silence, manner)
        for path, ways in _late(ages).items():
            if path not in found:
                proofs = [ages.proof(arrival, message, WINDOW.total_seconds()) for arrival, message in ways]
                found[path] = min(proofs, key=lambda proof: (proof.endless, len(proof.delays) + proof.left_out))
    for path, proof in found.items():
        report.warning(path, "outside-window", _words(proof))


def _late(ages: Ages) -> dict[str, list[tuple[Arrival, Message]]]:
    """The messages that can be late, by their paths, with the arrivals that make them so."""
    found: dict[str, list[tuple[Arrival, Message]]] = {}
    for arrival in ages.ways:
        oldest = ages.oldest(arrival)
        for message in ages.silence.messages(arrival.path):
            if oldest + message.after >= WINDOW.total_seconds():
                found.setdefault(message.path, []).append((arrival, message))
    return found


def _words(proof: Proof) -> str:
    ways = [_way(delay) for delay in proof.delays]
    if proof.left_out:
        ways.insert(-1, f"({proof.left_out} more)")
    added, limit = " + ".join(ways), _spoken(WINDOW.total_seconds())
    if proof.endless:
        return (
            f"this can be sent later than {limit} after the customer's last message, and Instagram refuses it then: "
            f"without a word of the customer, {added} comes round again and again; lead out of this circle, or send "
            "nothing here"
        )
    total = _spoken(proof.seconds)
    return (
        f"this can be sent {total} after the customer's last message, and Instagram refuses it from {limit} on: "
        f"{added}{f' = {total}' if len(ways) > 1 else ''}; shorten what adds up, or send nothing here"
    )


def _way(delay: Delay) -> str:
    closed = " (at most, until an agent closes)" if delay.why.endswith("/after_close") else ""
    return f"{delay.why} {_spoken(delay.seconds)}{closed}"


def _spoken(seconds: float) -> str:
    """A duration in hours, minutes and seconds."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest:g} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 s"
