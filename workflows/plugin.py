"""How Temporal carries our data: one client, data converter and sandbox for worker, API, tests and replay."""

import dataclasses

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.compression import Compression

PASSED_THROUGH = (
    "dateutil",
    "holidays",
    "jinja2",
    "markupsafe",
    "pydantic",
    "pydantic_core",
    "rapidfuzz",
    "re2",
    "routing",
    "workflows.graphs",
)
"""What the sandbox does not load anew for every workflow; the linters keep `routing` pure instead."""


def data_converter() -> DataConverter:
    """Pydantic models as JSON, large ones compressed."""
    return dataclasses.replace(pydantic_data_converter, payload_codec=Compression())


def runner() -> WorkflowRunner:
    """The sandbox that conversations run in."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


async def connect(address: str, namespace: str = "default", *, lazy: bool = False) -> Client:
    """A client of the Temporal server at `host:port`; a lazy one connects when it is first used."""
    return await Client.connect(address, namespace=namespace, data_converter=data_converter(), lazy=lazy)
