"""A local Instagram: Graph endpoints, signed webhooks, a clock that can be moved, and a phone to chat on."""

from instagram.simulator.app import create_app
from instagram.simulator.server import Server, serving

__all__ = ["Server", "create_app", "serving"]
