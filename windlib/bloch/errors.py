"""What can be wrong with a Hamiltonian, a class for each mistake."""

from windlib.winding import WindingError


class HamiltonianError(WindingError):
    """The Hamiltonian is not a family of finite square matrices of one shape, or no chain."""


class PeriodicityError(WindingError):
    """H(k) does not return to itself after one period, so that det q(k) draws no closed curve."""


class ChiralOperatorError(WindingError):
    """There is no chiral operator, there are several, or the one that was given is none."""


class UnequalSublatticesError(WindingError):
    """The sublattices have unequal numbers of orbitals: zero modes at every k, and no gap."""
