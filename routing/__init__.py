"""The domain: what a routing configuration means. Pure: no clock, no input or output, no Temporal."""

from routing.configuration import Configuration
from routing.conversation import Conversation, Customer, opened
from routing.graph import Graph, canonical, digest
from routing.interpreter import Step, advance
from routing.waits import Deadline, deadline

__all__ = [
    "Configuration",
    "Conversation",
    "Customer",
    "Deadline",
    "Graph",
    "Step",
    "advance",
    "canonical",
    "deadline",
    "digest",
    "opened",
]
