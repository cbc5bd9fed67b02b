"""What single entities get wrong: languages, connectors, times, queues, and predicates."""

from functools import cache
from zoneinfo import available_timezones

from routing.answers import PatternError, pattern
from routing.configuration import (
    Automessage,
    Condition,
    Configuration,
    Connector,
    Languages,
    OwnHours,
    Predicate,
    PublicHolidays,
    Queue,
    TimeGroup,
)
from routing.hours import holiday_problems
from routing.languages import ISO_639_1
from routing.problems.problem import Report, meant, shown
from routing.problems.walk import every_action
from routing.templates import sole_expression


def check_entities(configuration: Configuration, report: Report) -> None:
    """Everything that an entity says about itself alone."""
    _check_languages(configuration.languages, report)
    accounts: dict[str, str] = {}
    for name, connector in configuration.connectors.items():
        _check_connector(f"connectors/{name}", connector, accounts, report)
    for name, automessage in configuration.automessages.items():
        _check_automessage(f"automessages/{name}", automessage, report)
    for name, group in configuration.time_groups.items():
        _check_time_group(f"time_groups/{name}", group, report)
    for _, path, action in every_action(configuration):
        if isinstance(action, Condition):
            for field, predicates in (("all", action.all), ("any", action.any)):
                for index, predicate in enumerate(predicates or ()):
                    _check_predicate(f"{path}/{field}/{index}", predicate, configuration.languages, report)
    for name, queue in configuration.queues.items():
        _check_queue(f"queues/{name}", queue, report)


def _check_languages(languages: Languages, report: Report) -> None:
    for index, code in enumerate(languages.offered):
        if code not in ISO_639_1:
            report.error(
                f"languages/offered/{index}",
                "unknown-language",
                f"`{code}` is no language of ISO 639-1: {meant(code, ISO_639_1)}",
            )
    if languages.default not in ISO_639_1:
        report.error(
            "languages/default",
            "unknown-language",
            f"`{languages.default}` is no language of ISO 639-1: {meant(languages.default, ISO_639_1)}",
        )
    elif languages.default not in languages.offered and not report.hole_in("languages"):
        report.error(
            "languages/default",
            "default-not-offered",
            f"`{languages.default}` is not among `offered`: add it there, or choose an offered one",
        )


def _check_connector(path: str, connector: Connector, accounts: dict[str, str], report: Report) -> None:
    if connector.account:
        earlier = accounts.setdefault(connector.account, path)
        if earlier != path:
            report.error(
                f"{path}/account",
                "duplicate-account",
                f"{earlier} has the account `{shown(connector.account)}` already: an account belongs to one connector",
            )
    if not connector.takeover and connector.takeover_queue is not None:
        report.warning(
            f"{path}/takeover_queue",
            "takeover-queue-unused",
            "`takeover` is false, so this queue is never used: set `takeover: true`, or remove it",
        )
    asked: dict[str, int] = {}
    for index, breaker in enumerate(connector.ice_breakers):
        first = asked.setdefault(breaker.question.strip(), index)
        if first != index:
            report.error(
                f"{path}/ice_breakers/{index}/question",
                "duplicate-ice-breaker",
                f"ice breaker {first} asks the same: change one of the questions",
            )


def _check_automessage(path: str, automessage: Automessage, report: Report) -> None:
    times: dict[float, int] = {}
    for index, message in enumerate(automessage.messages):
        if report.hidden(f"{path}/messages/{index}/time"):
            continue
        first = times.setdefault(message.time.total_seconds(), index)
        if first != index:
            report.warning(
                f"{path}/messages/{index}/time",
                "same-time",
                (
                    f"message {first} is sent at the same time: `time` counts from the arrival, not from "
                    "the message before; change one of them"
                ),
            )


def _check_time_group(path: str, group: TimeGroup, report: Report) -> None:
    if group.timezone not in _timezones():
        report.error(
            f"{path}/timezone",
            "unknown-timezone",
            f"there is no time zone `{shown(group.timezone)}`: {meant(group.timezone, _timezones())}",
        )
    if not group.definitions and not group.groups and not report.hole_in(path):
        report.warning(
            path,
            "always-closed",
            "this group is always closed: add a definition of type `open`, or a link to another group",
        )
    for index, definition in enumerate(group.definitions):
        at = f"{path}/definitions/{index}"
        match definition:
            case OwnHours():
                _check_hours(at, definition, report)
            case PublicHolidays():
                for inside, problem in holiday_problems(definition):
                    report.error(f"{at}/{inside}", "unknown-holidays", problem)


@cache
def _timezones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _check_hours(path: str, hours: OwnHours, report: Report) -> None:
    if hours.weekdays == ():
        report.warning(
            f"{path}/weekdays",
            "never-holds",
            "an empty list holds on no day: name the days, or leave `weekdays` out for every day",
        )
    if hours.from_ is not None and hours.from_ == hours.to:
        report.error(
            f"{path}/to",
            "same-times",
            f"the range begins and ends at {hours.to}: leave both out for the whole day, or correct one",
        )
    if hours.dates is not None and hours.dates.first > hours.dates.last and not hours.yearly:
        report.error(
            f"{path}/dates",
            "dates-reversed",
            f"the first day {hours.dates.first} is after the last {hours.dates.last}: swap them",
        )
    if hours.yearly and hours.dates is None and not report.hidden(f"{path}/dates"):
        report.error(
            f"{path}/yearly",
            "yearly-without-dates",
            "`yearly` repeats `dates`, and there are none: add them, or remove `yearly`",
        )


def _check_queue(path: str, queue: Queue, report: Report) -> None:
    if report.hidden(f"{path}/overflow") or report.hidden(f"{path}/max_wait"):
        return
    if queue.overflow is not None and queue.max_wait is None:
        report.warning(
            f"{path}/overflow", "overflow-without-max-wait", "the overflow is never used: add `max_wait`, or remove it"
        )
    if queue.max_wait is not None and queue.overflow is None:
        report.warning(
            f"{path}/max_wait",
            "max-wait-without-overflow",
            "nothing happens after that time: add `overflow`, or remove `max_wait`",
        )


def _check_predicate(path: str, predicate: Predicate, languages: Languages, report: Report) -> None:
    operator, right = predicate.operator, predicate.right
    if report.hidden(f"{path}/operator"):
        return
    if operator == "language_is":
        if predicate.left:
            report.error(
                f"{path}/left", "left-superfluous", "`language_is` looks at the customer's language: remove `left`"
            )
    elif not predicate.left.strip():
        report.error(
            f"{path}/left",
            "left-missing",
            f"`{operator}` compares `left`: add an expression such as `text` or `data.order`",
        )
    # An author may well compare with null, so that only a `right` that was not written is missing.
    given = right is not None or "right" in predicate.model_fields_set
    if operator in ("is_empty", "is_not_empty"):
        if right is not None:
            report.error(f"{path}/right", "right-superfluous", f"`{operator}` looks at `left` alone: remove `right`")
        return
    if not given:
        report.error(
            f"{path}/right", "right-missing", f"`{operator}` needs a `right` to compare with: add a value or a template"
        )
        return
    templated = isinstance(right, str) and "{{" in right
    if operator == "language_is" and not templated:
        if right not in languages.offered and not report.hole_in("languages"):
            report.error(
                f"{path}/right",
                "unknown-language",
                f"`{shown(right)}` is no offered language: {meant(str(right), languages.offered)}",
            )
    elif (
        operator == "in"
        and not isinstance(right, list | tuple)
        and not (isinstance(right, str) and sole_expression(right))
    ):
        report.error(
            f"{path}/right",
            "in-needs-list",
            "`in` looks for `left` in a list: write one such as [a, b], or one expression such as `{{ data.list }}`",
        )
    elif operator == "matches" and not templated:
        try:
            pattern(right if isinstance(right, str) else "")
        except PatternError as error:
            report.error(f"{path}/right", "bad-pattern", str(error))
