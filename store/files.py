"""Where files lie: a folder of this machine, or an S3-compatible storage."""


class Files:
    """A place for files."""
