"""What a start is refused with."""


class NotFit(Exception):
    """The store or the settings would not keep the promise; the message says which."""
