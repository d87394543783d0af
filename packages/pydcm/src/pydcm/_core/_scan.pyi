class Table:
    """The rows of a scanned data set; made in C only."""

    owner: object
    little_endian: bool
