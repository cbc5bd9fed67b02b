"""Walking all decisions and actions of a configuration with their paths, in the order of the document."""

from collections.abc import Iterator

from routing.configuration import Action, Condition, Configuration, Decision, Loop


def decisions_of(configuration: Configuration) -> Iterator[tuple[str, str, Decision]]:
    """The name of the tree, the path and the decision, for each decision."""
    for tree, entity in configuration.decision_trees.items():
        for name, decision in entity.decisions.items():
            yield tree, f"decision_trees/{tree}/decisions/{name}", decision


def actions_of(prefix: str, actions: tuple[Action, ...]) -> Iterator[tuple[str, Action]]:
    """Each action with its path, an owner before what it owns."""
    for index, action in enumerate(actions):
        path = f"{prefix}/{index}"
        yield path, action
        match action:
            case Condition():
                yield from actions_of(f"{path}/then", action.then)
                yield from actions_of(f"{path}/otherwise", action.otherwise)
            case Loop():
                yield from actions_of(f"{path}/actions", action.actions)
            case _:
                pass


def every_action(configuration: Configuration) -> Iterator[tuple[str, str, Action]]:
    """The name of the tree, the path and the action, for each action."""
    for tree, path, decision in decisions_of(configuration):
        for place, action in actions_of(f"{path}/actions", decision.actions):
            yield tree, place, action
