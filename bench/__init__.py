"""What `make bench` measures: figures of SPEC 12, as counts and as ratios in one run."""
