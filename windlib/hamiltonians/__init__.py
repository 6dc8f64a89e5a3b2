"""The book's Hamiltonians: each module draws its curve and knows its exact winding number.

All keep one contract, `windlib.hamiltonians.contract.Hamiltonian`: ``sample(n, rng, …)`` returns
parameters as a dict of arrays, and ``curve(**parameters, links=…)`` and
``exact_winding(**parameters)`` take them.
"""

from windlib.hamiltonians import aah, chiral, dirac, hatano_nelson, nonhermitian_ssh, ssh

__all__ = ["aah", "chiral", "dirac", "hatano_nelson", "nonhermitian_ssh", "ssh"]
