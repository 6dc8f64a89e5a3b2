"""Helpers of the book *How neural networks learn winding numbers*.

One idea carries everything: a closed curve z(s) in the complex plane, sampled at
L + 1 points, and the number of times it winds around the origin.

    parameters → curve (n, L + 1) → winding (n,) → input (n, L + 1, 2) → output → accuracy

Importing ``windlib`` is quick: a submodule, and TensorFlow with it, is imported when it is
first used.
"""

import importlib
import importlib.machinery
import os
import sys

# TensorFlow reads these when it is first imported. Its start-up messages would end up in
# the notebooks' outputs, and oneDNN's kernels sum in an order that depends on the machine.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# A mini-batch takes 40 µs: handing its parts to other threads takes longer than they do.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# Vectors of 512 bits, where there are any, make training faster than XLA's own choice.
if "xla_cpu_prefer_vector_width" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = (
        f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_prefer_vector_width=512".strip()
    )

__version__ = "0.1.0"

_SUBMODULES = (
    "augmentation",
    "blackbox",
    "bloch",
    "claims",
    "datasets",
    "drawings",
    "errors",
    "evaluation",
    "hamiltonians",
    "networks",
    "plotting",
    "runs",
    "training",
    "winding",
)
_HOME = {
    "CATALOGUE": "runs.catalogue",
    "Experiment": "runs.recipes",
    "WindlibError": "errors",
    "diagnose": "bloch",
    "diagnose_ring": "bloch",
    "from_wannier90": "bloch",
    "phase_diagram": "bloch",
    "train": "runs.experiments",
    "winding_number": "winding",
}
__all__ = [*_SUBMODULES, *_HOME]


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f"windlib.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"windlib.{_HOME[name]}"), name)
    raise AttributeError(f"module 'windlib' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])


class _AfterKeras:
    """Makes windlib's layers known to Keras once Keras is imported: its `load_model` needs them.

    Keras imports no module that a saved network names, and windlib imports none that a user
    may not need.
    """

    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path) if name == "keras" else None
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module):
                execute(module)
                sys.meta_path.remove(_AfterKeras)
                if "windlib._quiet" not in sys.modules:  # or windlib itself imports Keras
                    importlib.import_module("windlib.networks")

            spec.loader.exec_module = execute_and_register
        return spec


if "keras" in sys.modules:
    importlib.import_module("windlib.networks")
else:
    sys.meta_path.insert(0, _AfterKeras)
