r"""A reader's own Hamiltonian H(k): its closed curve, and how often it winds.

A chiral Hamiltonian, ΓH(k) + H(k)Γ = 0, is off-diagonal where Γ = diag(1, −1). Its curve is the
determinant of the upper right block:

.. math::

    H(k) = \begin{pmatrix} 0 & q(k) \\ q^\dagger(k) & 0 \end{pmatrix}, \qquad z(k) = \det q(k).

Any other one draws the curve z(k) = det[H(k) − E] around a base energy E, which winds only if H
is not Hermitian. A ring in real space is the cell of such a chain, and its flux is k.
"""

from windlib.bloch.answers import Answer
from windlib.bloch.diagnosis import Diagnosis, diagnose, diagnose_ring
from windlib.bloch.errors import (
    ChiralOperatorError,
    HamiltonianError,
    PeriodicityError,
    UnequalSublatticesError,
)
from windlib.bloch.scan import PhaseDiagram, phase_diagram
from windlib.bloch.wannier import from_wannier90

__all__ = [  # noqa: RUF022, in the order of the API page
    "diagnose",
    "diagnose_ring",
    "phase_diagram",
    "from_wannier90",
    "Diagnosis",
    "PhaseDiagram",
    "Answer",
    "HamiltonianError",
    "PeriodicityError",
    "ChiralOperatorError",
    "UnequalSublatticesError",
]
