"""Signatures say their types: `make lint` checks that these are true, and this that none lacks."""

import ast
from pathlib import Path

import pytest

import windlib

HOME = Path(windlib.__file__).parent
MODULES = sorted(path for path in HOME.rglob("*.py") if not path.name.startswith("_"))
KERAS = {"LinkConvolution", "Dense"}  # whose methods have the signatures of Keras


def public(tree):
    """Public functions of a module, and public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef) and node.name[0] != "_" and node.name not in KERAS:
            yield from (part for part in node.body if isinstance(part, ast.FunctionDef))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_public_functions_have_types(path):
    untyped = []
    for function in public(ast.parse(path.read_text())):
        if function.name.startswith("_"):
            continue
        given = function.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        untyped += [
            f"{function.name}({argument.arg})"
            for argument in arguments
            if argument is not None and argument.annotation is None and argument.arg != "self"
        ]
        if function.returns is None:
            untyped.append(f"{function.name}() ->")
    assert not untyped
