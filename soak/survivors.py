"""Why some mutants survive: changes that make no difference, or none that is promised."""

#: From a change, as `soak.mutants` writes it, to the reason.
REASONS = {
    "`undecided = modulus.min(axis=1) <= near` → `undecided = modulus.min(axis=1) < near`": (
        "a modulus that equals the tolerance to the last bit may go either way"
    ),
    "`above, below = height > near[:, None], height < -near[:, None]` → "
    "`above, below = height >= near[:, None], height < -near[:, None]`": (
        "a height that equals the tolerance to the last bit may go either way"
    ),
    "`upper, upper_after = ((z.imag > 0) | ((z.imag == 0) & (z.real > 0)) for z in (before, "
    "after))` → `upper, upper_after = ((z.imag < 0) | ((z.imag == 0) & (z.real > 0)) for z in "
    "(before, after))`": "either half-plane tells the links that cross the real axis",
    '`return decided((t_prime > t).astype(int), t == t_prime, mask, "SSH chains", why)` → `return '
    'decided((t_prime >= t).astype(int), t == t_prime, mask, "SSH chains", why)`': (
        "chains at t = t′ are refused or masked anyway"
    ),
    "`return (t_prime > t).astype(int)` → `return (t_prime >= t).astype(int)`": (
        "the printed rule says nothing of t = t′"
    ),
    "`return amplitudes * np.exp(np.multiply.outer(signs, phase))` → `return amplitudes / "
    "np.exp(np.multiply.outer(signs, phase))`": (
        "another draw of the same law: the archived recipes notice (`windlib verify`)"
    ),
    "`if winding_at_least == 0:` → `if winding_at_least == -1:`": (
        "screening for no change of sign keeps all, the same numbers in the same order"
    ),
    "`trace, product = now[0] + before[1], product[0] * (-1) ** (sites + 1)` → `trace, product = "
    "now[0] + before[1], product[0] * (-1) ** (sites - 1)`": "the same sign",
    "`m: ArrayLike, kappa: ArrayLike, delta_m: float = 1.0, center: ArrayLike | None = None` → `m: "
    "ArrayLike, kappa: ArrayLike, delta_m: float = 2.0, center: ArrayLike | None = None`": (
        "stands in for a parameter that the caller has not: any number that passes the check"
    ),
    "`m: ArrayLike, kappa: ArrayLike, delta_m: float = 1.0, center: ArrayLike | None = None` → `m: "
    "ArrayLike, kappa: ArrayLike, delta_m: float = 0.0, center: ArrayLike | None = None`": (
        "stands in for a parameter that the caller has not: any number that passes the check"
    ),
    "`return np.stack([m, kappa], axis=1)[(s > 0) & (s >= least) & (s < below)]` → `return "
    "np.stack([m, kappa], axis=1)[(s > 0) & (s >= least) & (s <= below)]`": (
        "no distance that is drawn equals the end to the last bit"
    ),
    "`gapless = np.abs(centre + a * np.cos(flux) + 1j * b * np.sin(flux)) <= near` → `gapless = "
    "np.abs(centre + a * np.cos(flux) + 1j * b * np.sin(flux)) < near`": (
        "a distance that equals the tolerance to the last bit may go either way"
    ),
    "`positive = block @ harmonics > 0` → `positive = block @ harmonics >= 0`": (
        "no component that is drawn is 0 to the last bit"
    ),
    "`plus, minus = (np.abs(np.abs(t + d) - np.abs(t_prime)) for d in (delta, -delta))` → `plus, "
    "minus = (np.abs(np.abs(t - d) - np.abs(t_prime)) for d in (delta, -delta))`": (
        "both signs of delta are taken: the two change places"
    ),
    "`checked(x[..., 0] + 1j * x[..., 1], gap=0, links=2)  # raw ones may come close to it` → "
    "`checked(x[..., 0] - 1j * x[..., 1], gap=0, links=2)  # raw ones may come close to it`": (
        "the mirrored curve is closed, finite and gapped where the curve is"
    ),
    '`warnings.warn(f"the test set is not kept: {error}; set WINDLIB_CACHE", stacklevel=3)` → '
    '`warnings.warn(f"the test set is not kept: {error}; set WINDLIB_CACHE", stacklevel= 2)`': (
        "which line a warning names"
    ),
    '`test = draw(DataRecipe("chiral", 15_000, seed, windings=(0, 1), shares=shares, '
    'options=options))` → `test = draw(DataRecipe("chiral", 15001, seed, windings=(0, 1), '
    "shares=shares, options=options))`": ("half of the chains with |w| = 1 are left out anyway"),
    '`("long", "lowest validation loss of the first seeds", "", None, 0.5, ""),` → `("long", '
    '"lowest validation loss of the first seeds", "", None, 1.5, ""),`': (
        "of no effect where no fate is foretold"
    ),
    "`weights = np.abs(weights).reshape(-1, 2).max(axis=1)` → `weights = "
    "np.abs(weights).reshape(- 2, 2).max(axis=1)`": (
        "NumPy reads any negative number as what is left"
    ),
    "`return 100 * np.mean(right.reshape(len(ALPHAS), len(PHASES), -1), axis=2)` → `return "
    "100 * np.mean(right.reshape(len(ALPHAS), len(PHASES), - 2), axis=2)`": (
        "NumPy reads any negative number as what is left"
    ),
    '`given = ", ".join(f"{n}={v}" for n, v in zip(ends, (low, high), strict=True))` → `given = '
    '", ".join(f"{n}={v}" for n, v in zip(ends, (low, high), strict=False))`': ("both are pairs"),
    "`rounding = 4 * float(` → `rounding = 3 * float(`": (
        "any few times the resolution of single precision"
    ),
    "`close = np.abs(outputs(run, test) - test.winding) < CLOSE` → `close = "
    "np.abs(outputs(run, test) - test.winding) <= CLOSE`": (
        "an output that is a quarter away to the last bit may go either way"
    ),
    "`return bool(((apart >= low - 1e-9) & (apart <= most + 1e-9)).all())` → `return bool(((apart "
    "> low - 1e-9) & (apart <= most + 1e-9)).all())`": (
        "a difference that equals the limit to the last bit may go either way"
    ),
    "`return bool(((apart >= low - 1e-9) & (apart <= most + 1e-9)).all())` → `return bool(((apart "
    ">= low - 1e-9) & (apart < most + 1e-9)).all())`": (
        "a difference that equals the limit to the last bit may go either way"
    ),
    "`now <= RISE * before + SLACK and now <= GAP * training + SLACK` → `now < RISE * before + "
    "SLACK and now <= GAP * training + SLACK`": (
        "a loss that equals the limit to the last bit may go either way"
    ),
    '`test = draw(DataRecipe("chiral", 15_000, seed, windings=(0, 1), shares=shares, '
    'options=options))` → `test = draw(DataRecipe("chiral", 14999, seed, windings=(0, 1), '
    "shares=shares, options=options))`": "half of the chains with |w| = 1 are left out anyway",
    "`return (100 * float(np.mean((evaluation.outputs(run.network, x) > 0.5) == winding)),)` → "
    "`return (100 * float(np.mean((evaluation.outputs(run.network, x) >= 0.5) == winding)),)`": (
        "an output half way between 0 and 1 to the last bit is a guess"
    ),
    "`lambda v: max(v[1:]) >= GAINED and min(v[1:]) > -GAINED,` → `lambda v: max(v[1:]) >= GAINED "
    "and min(v[ 0:]) > -GAINED,`": "the first number is a strength, which is never negative",
    "`inner = np.abs(angle) <= 0.8 * np.pi` → `inner = np.abs(angle) < 0.8 * np.pi`": (
        "a link that equals the limit to the last bit may go either way"
    ),
    '`*(f"{k} of {len(here)}" for k, here in zip(reach, every, strict=True)),` → `*(f"{k} of '
    '{len(here)}" for k, here in zip(reach, every, strict=False)),`': "both have one for each T",
    "`cells, t, delta = 12, 0.5, 1.1` → `cells, t, delta = 13, 0.5, 1.1`": "any chain will do",
    "`cells, t, delta = 12, 0.5, 1.1` → `cells, t, delta = 12, 1.5, 1.1`": "any chain will do",
    "`cells, t, delta = 12, 0.5, 1.1` → `cells, t, delta = 12, 0.5, 2.1`": "any chain will do",
    "`bloch = nonhermitian_ssh.curve([t], [delta], links=cells)[0, :-1]` → `bloch = "
    "nonhermitian_ssh.curve([t], [delta], links=cells)[ -1, :-1]`": "there is one curve",
    "`return np.sqrt(np.abs(z[0])) * np.exp(0.5j * angle) / 2` → `return np.sqrt(np.abs(z[ -1])) * "
    "np.exp(0.5j * angle) / 2`": "the loop is closed: both are the same point",
    '`knots, directions = whole("knots", knots, 2, 999), whole("directions", directions, 3, '
    '999)` → `knots, directions = whole("knots", knots, 2, 999), whole("directions", directions, '
    "2, 999)`": ("even numbers are refused in any case"),
    "`return (float(np.round(turned / (2 * np.pi), 9)),)` → `return (float(np.round(turned / (2 * "
    "np.pi), 10)),)`": "either removes the rounding of the last bits, and nothing else",
    "`return values, np.concatenate([of[at] for at, of in zip(best, every, strict=True)])` → "
    "`return values, np.concatenate([of[at] for at, of in zip(best, every, strict=False)])`": (
        "both have one for each experiment"
    ),
    "`measures.near_integers(run, _test_of(run, name), [_SIGNED[name]])[0] for name in LARGE` → "
    "`measures.near_integers(run, _test_of(run, name), [_SIGNED[name]])[ -1] for name in LARGE`": (
        "one group of winding numbers has one share"
    ),
    "`return measures.accuracies(run, _test_of(run, name), [windings])[0]` → `return "
    "measures.accuracies(run, _test_of(run, name), [windings])[ -1]`": (
        "one group of winding numbers has one accuracy"
    ),
    "`return float(np.mean((found - y[:, 0]) ** 2))` → `return float(np.mean((found - y[:, -1]) ** "
    "2))`": "without classes there is one column",
}
