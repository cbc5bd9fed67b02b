"""Going from place to place, and to the end."""

from abc import ABC, abstractmethod

from routing.configuration import Goal
from routing.conversation import Ended
from routing.graph import path_of, tree_of
from routing.messages import End
from routing.turns.turn import Turn


class Moving(Turn, ABC):
    """A turn in which the conversation moves; the interpreter knows what arriving at a place means."""

    @abstractmethod
    def walk(self, path: str | None, why: str) -> None:
        """Go to a place, and on from it as long as nothing has to be waited for."""

    @abstractmethod
    def after(self, path: str) -> str | None:
        """What follows an action; behind the last one the decision is at its end."""

    def go(self, to: Goal, why: str) -> None:
        """Leave a decision for a goal of its own tree or anywhere else."""
        self.walk(path_of(to, tree_of(self.place)), why)

    def end(
        self, cause: str, *, terminate: str | None = None, queue: str | None = None, answered: bool | None = None
    ) -> None:
        over = self.answered if answered is None else answered
        self.waiting = Ended(at=self.now, terminate=terminate, cause=cause, queue=queue, answered=over)
        self.commands.append(
            End(path=self.place, at=self.now, terminate=terminate, cause=cause, queue=queue, answered=over)
        )
