"""The whole product on one machine: `python -m local run`, which is what `make run` calls."""
