"""Tables of a recording."""


def tables(recording):
    """Return the tables by name."""
    return {}
