"""The book's Hamiltonians: each module draws its curve and knows its exact winding.

Every module has ``sample(n, rng, …)``, which returns its parameters as a dict of arrays,
``curve(**parameters, links=…)`` and ``exact_winding(**parameters)``.
"""

from windlib.hamiltonians import aah, chiral, dirac, hatano_nelson, nonhermitian_ssh, ssh

__all__ = ["aah", "chiral", "dirac", "hatano_nelson", "nonhermitian_ssh", "ssh"]
