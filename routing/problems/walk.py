"""Walking all decisions and actions of a configuration with their paths, in the order of the document."""

from collections.abc import Iterator

from routing.configuration import Action, Condition, Configuration, Decision, Loop


def decisions_of(configuration: Configuration) -> Iterator[tuple[str, str, Decision]]:
    """The name of the tree, the path and the decision, for each decision."""
    for tree, entity in configuration.decision_trees.items():
        for name, decision in entity.decisions.items():
            yield tree, f"decision_trees/{tree}/decisions/{name}", decision


def actions_of(prefix: str, actions: tuple[Action, ...]) -> list[tuple[str, Action]]:
    """Each action with its path, an owner before what it owns."""
    found: list[tuple[str, Action]] = []
    _collect(prefix, actions, found)
    return found


def _collect(prefix: str, actions: tuple[Action, ...], found: list[tuple[str, Action]]) -> None:
    for index, action in enumerate(actions):
        path = f"{prefix}/{index}"
        found.append((path, action))
        match action:
            case Condition():
                _collect(f"{path}/then", action.then, found)
                _collect(f"{path}/otherwise", action.otherwise, found)
            case Loop():
                _collect(f"{path}/actions", action.actions, found)
            case _:
                pass


def every_action(configuration: Configuration) -> Iterator[tuple[str, str, Action]]:
    """The name of the tree, the path and the action, for each action."""
    for tree, path, decision in decisions_of(configuration):
        for place, action in actions_of(f"{path}/actions", decision.actions):
            yield tree, place, action
