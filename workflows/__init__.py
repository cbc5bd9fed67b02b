"""Durable runs of the pure core: one workflow for each open conversation."""
