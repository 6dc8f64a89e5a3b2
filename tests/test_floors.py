"""Imports go down: no module imports one of a floor above it, and none goes around in a circle."""

import ast
import importlib
from pathlib import Path

import pytest

import windlib

HOME = Path(windlib.__file__).parent
# From the ground up; what stands on one floor may import neighbours, but in no circle.
FLOORS = [
    ["errors", "_quiet"],
    ["arguments"],
    ["winding"],
    ["hamiltonians", "networks", "drawings"],
    ["plotting"],
    ["datasets"],
    ["augmentation", "_epoch", "evaluation"],
    ["training"],
    ["blackbox", "runs"],
    ["bloch"],
    ["claims"],
    ["cli"],
]
FLOOR = {name: height for height, names in enumerate(FLOORS) for name in names}


def modules():
    """Each module of windlib and what it imports of windlib, at its top or within functions."""
    found = {}
    for path in HOME.rglob("*.py"):
        name = ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__")
        found[name] = path
    imports = {}
    for name, path in found.items():
        used = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("windlib"):
                package = node.module.removeprefix("windlib").removeprefix(".")
                for alias in node.names:
                    full = f"{package}.{alias.name}".removeprefix(".")
                    used.add(full if full in found else package)
        imports[name] = used - {name, "", name.rpartition(".")[0]}
    imports.pop("__init__", None)
    return imports


IMPORTS = modules()


def test_every_module_has_a_floor():
    assert {name.partition(".")[0] for name in IMPORTS} == set(FLOOR)


@pytest.mark.parametrize("name", sorted(IMPORTS))
def test_imports_go_down_only(name):
    height = FLOOR[name.partition(".")[0]]
    above = {used for used in IMPORTS[name] if FLOOR[used.partition(".")[0]] > height}
    assert not above


def test_no_imports_go_in_a_circle():
    left = {name: set(used) for name, used in IMPORTS.items()}
    for package in ("bloch", "claims", "hamiltonians", "runs"):  # a package imports its own modules
        left[package] = set()
    while free := {name for name, used in left.items() if not used}:
        left = {name: used - free for name, used in left.items() if name not in free}
    assert not left


def test_no_module_is_too_long_to_be_read_at_once():
    """250 lines of code, docstrings, comments and blank lines apart."""
    too_long = {}
    for path in HOME.rglob("*.py"):
        tree, code = ast.parse(source := path.read_text()), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt | ast.expr | ast.arg | ast.keyword):
                code |= {node.lineno, node.end_lineno}
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = node.body[0] if node.body else None
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    code -= set(range(first.lineno, first.end_lineno + 1))
        if len(code) > 250:
            too_long[path.name] = len(code), source.count("\n")
    assert not too_long


def test_messages_show_arguments_by_short_alone():
    """What `repr` fails on, as a very long integer, would fail while its error is written."""
    found = []
    for path in HOME.rglob("*.py"):
        source = path.read_text()
        shown = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FormattedValue))
        found += [f"{path.name}: {ast.unparse(n.value)}" for n in shown if n.conversion == ord("r")]
        if path.name != "arguments.py" and "reprlib" in source:
            found.append(f"{path.name}: reprlib")
    assert found == ["__init__.py: name"]  # of an attribute: always text


def errors():
    """Every class of errors that windlib defines, each of these modules imported."""
    for name in IMPORTS:
        module = importlib.import_module(f"windlib.{name}")
        for kind in vars(module).values():
            error = isinstance(kind, type) and issubclass(kind, Exception)
            if error and kind.__module__ == module.__name__:
                yield kind


def test_one_except_catches_every_error_of_windlib():
    kinds = set(errors())
    assert len(kinds) > 20
    assert not [kind.__name__ for kind in kinds if not issubclass(kind, windlib.WindlibError)]
    for kind in kinds - {windlib.WindlibError}:  # and Python's own words for what is wrong
        assert issubclass(kind, ValueError | RuntimeError | ArithmeticError | KeyError)
