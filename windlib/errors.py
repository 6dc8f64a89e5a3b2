"""The base of all errors that windlib raises."""


class WindlibError(Exception):
    """Something that windlib was given has no answer: the message says what, and what to do.

    Every error of windlib is one. Each is also one of Python's own: a ``ValueError`` where a value
    is wrong, a ``RuntimeError`` where the circumstances are.
    """
