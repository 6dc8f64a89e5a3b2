"""Mutation tests: small changes of windlib, drawn at random, that some test must notice.

Cosmic Ray makes the mutants (the extra ``soak``; `make soak` installs it). Of each module `MOST`
are drawn, at as many places as there are; each runs against the tests that concern the module,
in a copy of the sources. What came of each is kept in _build/mutants: while the module's code
stays the same, a change that a test noticed is not tried again, and one that none did only with
other tests. Changes that Python refuses at once (bits of floats), that nothing can see (a cache
taken away), that only an error's words show, or that change how much a call may ask for or do at
a time are left out.
"""

import ast
import difflib
import hashlib
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from soak.survivors import REASONS

HOME = Path(__file__).parents[1]
KEPT = HOME / "_build" / "mutants"
MOST = 25
WORKERS = 2
_OPERATORS = re.compile(
    "core/(ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Add|Pow_Mul|"
    "BitOr_BitAnd|BitAnd_BitOr)|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|"
    "GtE_Gt|Lt_Gt|Gt_Lt|LtE_GtE|GtE_LtE|Is_IsNot|IsNot_Is)|ReplaceUnaryOperator_(Delete_.*|USub_"
    "UAdd)|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue|AddNot|"
    "NumberReplacer|ReplaceBreakWithContinue|ReplaceContinueWithBreak|ZeroIterationForLoop)"
)
_SIZES = re.compile(
    r"@lru_cache|@drawn_once|\d+,$|"
    r"(_?LARGEST|_SMALLEST|_IN_FLIGHT|_BLOCK|_GIVE_UP|_LONGEST)\w* ?[=,]"
)

#: Tests that concern each module, the quickest first.
TESTS = {
    "winding": "windlib/winding.py tests/test_winding.py tests/test_truth.py -k 'not network'",
    **{
        f"hamiltonians/{name}": f"windlib/hamiltonians/{name}.py tests/test_{name}.py "
        "tests/test_hamiltonians.py"
        for name in ("ssh", "chiral", "hatano_nelson", "nonhermitian_ssh", "aah", "dirac")
    },
    "hamiltonians/contract": "tests/test_hamiltonians.py tests/test_nonhermitian_ssh.py",
    "datasets": "windlib/datasets.py tests/test_datasets.py tests/test_overlap.py",
    "claims/kept_sets": "tests/test_datasets.py",
    "augmentation": "tests/test_training.py -k 'phases or turn or room'",
    "evaluation": "tests/test_training.py tests/test_experiments.py "
    "-k 'accuracy or output or loss or predict or class or refused or data or model'",
    "blackbox": "windlib/blackbox.py tests/test_blackbox.py",
    "claims/claim": "windlib/claims/claim.py tests/test_scorecard.py tests/test_paper2.py "
    "-k 'not test_paper2 or rules or lines'",
    **{
        f"claims/{name}": "tests/test_paper1.py tests/test_scorecard.py"
        for name in ("measures", "ssh_shortcut", "general_aiii", "regularization", "variations")
    },
    "claims/black_box": "tests/test_paper1.py tests/test_scorecard.py tests/test_paper2.py "
    "-k 'not test_paper2 or linear'",
    **{
        f"claims/{name}": "tests/test_scorecard.py tests/test_paper2.py "
        "-k 'not ours_reaches and not chosen_network'"
        for name in (
            "hatano_nelson_chains",
            "phase_diagrams",
            "ssh_phases",
            "nonhermitian_aah",
            "nonhermitian_dirac",
        )
    },
    "claims/scorecard": "windlib/claims/scorecard.py tests/test_scorecard.py",
}


def mutants(source):
    """All mutants of a source: (line, changed source), those of one place together."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    places = {}
    for name in filter(_OPERATORS.fullmatch, operator_names()):
        operator, occurrence = get_operator(name)(), 0
        for node in ast_nodes(get_ast(source)):
            for (line, column), _ in operator.mutation_positions(node):
                text = source.splitlines()[line - 1].strip()
                words = text.startswith(('f"', '"'))
                words |= text.startswith("def ") and "_Mul_" in name  # a star, not a product
                limit = source.splitlines()[line - 1][:column].endswith("most=")
                words |= "Number" in name and (limit or bool(_SIZES.match(text)))
                if not words:
                    changed = (name, occurrence)
                    places.setdefault((line, column), []).append(changed)
                occurrence += 1
    return {
        place: [(lambda n=n, i=i: mutate_code(source, get_operator(n)(), i)) for n, i in changes]
        for place, changes in places.items()
    }


def drawn(module, most=MOST):
    """At most so many mutants of a module: places at random, and one of each place's changes."""
    source = (HOME / "windlib" / f"{module}.py").read_text()
    rng = random.Random(module)
    places = sorted(mutants(source).items())
    every = sum(len(changes) for _, changes in places)
    some = sorted(rng.sample(range(len(places)), min(most, len(places))))
    return every, list(filter(_parses, (rng.choice(places[i][1])() for i in some)))


def _parses(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _copy(folder):
    for name in ("windlib", "tests", "soak", "book", "notebooks"):
        ignored = shutil.ignore_patterns("__pycache__", "trained")
        shutil.copytree(HOME / name, folder / name, ignore=ignored)
    (folder / "windlib" / "trained").symlink_to(HOME / "windlib" / "trained")
    for file in HOME.glob("*.*"):
        if file.is_file():
            shutil.copy(file, folder)
    return folder


def _passes(folder, tests, limit):
    """Whether the tests pass in a copy; None where they do not end within the limit."""
    command = (
        f"{shlex.quote(sys.executable)} -B -m pytest -x -q --no-header -p no:cacheprovider {tests}"
    )
    environment = os.environ | {"PYTHONPATH": str(folder), "WINDLIB_PROGRESS": "0"}
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return None
    if code == 5:  # no test was run
        raise RuntimeError(f"pytest ended with {code}: {command}")
    return code == 0


def _change(source, changed):
    """The first changed line, before and after."""
    lines = difflib.ndiff(source.splitlines(), changed.splitlines())
    before, after = "", ""
    for line in lines:
        before = before or (line[2:].strip() if line.startswith("- ") else "")
        after = after or (line[2:].strip() if line.startswith("+ ") else "")
    return f"`{before}` → `{after}`"


def survivors(module, most=MOST):
    """Try a module's mutants, but for those whose outcome is known.

    Returns
    -------
    every, tried, endless : int
        Mutants that there are, that were drawn, and with which the tests did not end.
    alive : list of str
        The changes that no test noticed.
    """
    path = f"windlib/{module}.py"
    source = (HOME / path).read_text()
    every, sample = drawn(module, most)
    files = [HOME / word for word in TESTS[module].split() if word.endswith(".py")]
    tests = _digest(TESTS[module], *(file.read_text() for file in files))
    kept = KEPT / f"{module.replace('/', '-')}-{_code(source)}.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    left = [m for m in sample if known.get(_code(m)) not in ("noticed", "endless", tests)]
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        copies = Queue()
        for i in range(WORKERS if left else 0):
            copies.put(_copy(Path(place) / str(i)))
        limit = 20 + 5 * _seconds(copies, module) if left else None

        def tried(changed):
            folder = copies.get()
            (folder / path).write_text(changed)
            passed = _passes(folder, TESTS[module], limit)
            copies.put(folder)
            return changed, {True: tests, False: "noticed", None: "endless"}[passed]

        with ThreadPoolExecutor(WORKERS) as pool:
            for changed, outcome in pool.map(tried, left):
                known[_code(changed)] = outcome
                kept.write_text(json.dumps(known))
    outcomes = [known[_code(m)] for m in sample]
    alive = [_change(source, m) for m, o in zip(sample, outcomes, strict=True) if o == tests]
    return every, len(sample), outcomes.count("endless"), alive


def _digest(*texts):
    return hashlib.sha256(repr(texts).encode()).hexdigest()[:16]


def _code(source):
    """A digest of a source without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return _digest(ast.dump(tree))


def _seconds(copies, module):
    """Seconds of the module's tests, in one of the copies as it is; they must pass."""
    folder, begin = copies.get(), time.perf_counter()
    if not _passes(folder, TESTS[module], 900):
        raise RuntimeError(f"the tests of {module} fail without a change")
    copies.put(folder)
    return time.perf_counter() - begin


def main(most=MOST, modules=tuple(TESTS)):
    rows, lines = [], []
    for module in modules:
        every, tried, endless, alive = survivors(module, most)
        killed = round(100 * (tried - len(alive)) / tried, 1)
        rows.append([f"`{module}`", every, tried, tried - len(alive), endless, killed])
        lines += [[f"`{module}`", change, REASONS.get(change, "")] for change in alive]
        print(*rows[-1], *alive, sep="\n  ", flush=True)
    tables = [
        {
            "caption": "Small changes of windlib, drawn at random, and how many the tests killed. "
            "With the endless ones among these, the tests did not end in five times their time.",
            "columns": ["module", "mutants", "tried", "killed", "endless", "%"],
            "rows": rows,
        }
    ]
    if lines:
        columns = ["module", "change that no test noticed", "why not"]
        caption = "The survivors, each with a reason where there is one."
        tables.append({"caption": caption, "columns": columns, "rows": lines})
    return tables
