"""The base of all errors that windlib raises."""


class WindlibError(Exception):
    """Something that windlib was given has no answer: the message says what, and what to do.

    Every error of windlib is one. Each is also one of Python's own:

    - a ``ValueError`` where a value is wrong, as most are;
    - a ``RuntimeError`` where the circumstances are: `PrecisionError`, `ClusterError`, `LostError`;
    - an ``ArithmeticError`` where numbers are no longer finite: `DivergedError`;
    - a ``KeyError`` where no experiment has a name: `UnknownExperimentError`.
    """
