"""The catalogue's recipes: their seeds, their networks' sizes, and what a sweep changes."""

import re
from itertools import pairwise

import numpy as np
import pytest

from windlib.claims import scorecard
from windlib.runs import catalogue, experiments
from windlib.runs.catalogue import CATALOGUE
from windlib.runs.second_paper import PHASE_SETTINGS

STEMS = ("aiii-cnn-ours-short", "aiii-cnn")
SWEPT = re.compile(
    rf"({'|'.join(STEMS)})(-noisy)?-(l2|links|mix|kernels|neurons)-([\d.]+(?:e[-+]\d+)?)"
)
SWEEPS = {name: match.groups() for name in CATALOGUE if (match := SWEPT.fullmatch(name))}
FIELD = {
    "l2": "training.l2",
    "links": "data.links",
    "mix": "data.shares",
    "kernels": "network_options.kernels",
    "neurons": "network_options.neurons",
}


def leaves(recipe, prefix=""):
    """Every field of a recipe, the validation set's under the same name as the data's."""
    for name, value in recipe.items():
        path = f"{prefix}{name}".removeprefix("validation.")
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield path, value


def changes(one, two):
    """Fields in which two experiments differ; n and seed of the data count for either set."""
    found = set()
    for part in ("data", "validation"):
        both = [CATALOGUE[name].recipe(0) for name in (one, two)]
        for recipe in both:
            recipe["data"] = recipe.pop(part)
            recipe.pop("validation", None)
        a, b = (dict(leaves(recipe)) for recipe in both)
        here = {name: b.get(name) for name in a.keys() | b.keys() if a.get(name) != b.get(name)}
        found.add(repr(sorted(here.items())))
    assert len(found) == 1  # training and validation data changed alike
    return here


def weights(e):
    """Number of weights, by closed form."""
    links, options = e.data.links, e.network_options
    if e.network == "convolutional":
        kernels, neurons = options.get("kernels", 40), options.get("head_units", 2)
        outputs = options.get("n_classes") or 1
        head = links * neurons + neurons + neurons * outputs + outputs
        return kernels * (4 + 1) + (kernels + 1) + head
    widths = [2 * (links + 1), *options.get("widths", (40, 32, 2)), 1]
    return sum((a + 1) * b for a, b in pairwise(widths))


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_recipe_builds_a_network_of_the_expected_size(name):
    e = CATALOGUE[name]
    network = e.build()
    assert network.count_params() == weights(e)
    assert network.name == e.network
    assert isinstance(e.seeds, range)
    assert e.seeds.step == 1


FRESH = [name for name in CATALOGUE if "fresh" in name.split("-")]


@pytest.mark.parametrize("name", FRESH)
def test_fresh_seeds_are_of_the_same_recipe_and_were_not_used_before(name):
    old, fresh = CATALOGUE[name.replace("-fresh", "")], CATALOGUE[name]
    assert not set(old.seeds) & set(fresh.seeds)
    assert len(fresh.seeds) >= 8
    assert fresh.recipe(30) == old.recipe(30)


def test_the_sweeps_take_the_values_that_the_catalogue_names():
    values = {}
    for stem, noisy, what, value in SWEEPS.values():
        values.setdefault((stem, f"{(noisy or '')[1:]}{what}"), set()).add(float(value))
    named = {
        "l2": set(catalogue.L2_STRENGTHS),
        "noisyl2": set(catalogue.L2_STRENGTHS),
        "links": set(catalogue.LINKS),
        "mix": set(catalogue.MIXES),
        "kernels": set(catalogue.KERNELS),
    }
    assert {what: values["aiii-cnn-ours-short", what] for what in named} == named
    for what in named:  # of the papers' network, which takes longer, some
        assert values.get(("aiii-cnn", what), set()) <= named[what]
    assert values["aiii-cnn", "l2"] == named["l2"]


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_changes_one_field(name):
    stem, noisy, what, value = SWEEPS[name]
    ((field, new),) = changes(f"{stem}{noisy or ''}", name).items()
    assert field == FIELD[what]
    assert (new[0] if what == "mix" else new) == float(value)  # and the name says to what


@pytest.mark.parametrize("stem", STEMS)
def test_noise_is_the_only_change_of_the_noisy_experiments(stem):
    assert changes(stem, f"{stem}-noisy") == {"data.noise": 0.04}  # P1's 4 %


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aiii-cnn-dense-fans", {"network_options.fans": "dense"}),
        (
            "aiii-cnn-cosine",
            {"training.learning_rate": 3e-3, "training.schedule": "cosine"},
        ),
    ],
)
def test_variants_of_the_papers_network(name, expected):
    assert changes("aiii-cnn", name) == expected


def test_one_change_at_a_time_leads_from_the_papers_recipe_to_ours():
    linear = {f"network_options.{part}_activation": "linear" for part in ("link", "head")}
    assert changes("aiii-cnn-cosine", "aiii-cnn-ours") == linear
    assert changes("aiii-cnn", "aiii-cnn-ours-constant") == linear
    assert changes("aiii-cnn-ours", "aiii-cnn-ours-short") == {"training.epochs": 30}
    assert changes("aiii-cnn-cosine", "aiii-cnn-cosine-400") == {"training.epochs": 400}


def test_mixes_hold_twice_as_many_ones_as_zeros():
    mixes = [name for name, part in SWEEPS.items() if part[2] == "mix"]
    assert len(mixes) >= len(catalogue.MIXES)
    for name in mixes:
        data = CATALOGUE[name].data
        zero, one, two = data.shares
        assert data.windings == (0, 1, 2)
        assert zero + one + two == pytest.approx(1, abs=1e-12)
        assert one == pytest.approx(2 * zero)
        assert two > 0


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name.endswith("-c2")])
def test_at_c2_the_shares_are_the_papers(name):
    new = changes(name.removesuffix("-c2"), name)
    np.testing.assert_allclose(99 * np.array(new.pop("data.shares")), [26, 50, 23])
    assert new == {"data.options.cutoff": 2}


LINEAR = {f"network_options.{part}_activation": "linear" for part in ("link", "head")}


@pytest.mark.parametrize("name", [n for n in CATALOGUE if re.match("hatano-nelson-cnn-(re|co)", n)])
def test_hatano_nelson_choices_change_what_their_names_say(name):
    _, _, _, hoppings, inputs, head, *decay = name.split("-")
    expected = {
        "real": {"data.options.hoppings": "real"},
        "raw": {"data.inputs": "raw"},
        "linear": {"network_options.head_activation": "linear"},
        "l2": {"training.l2": 5e-5},
    }
    wanted = {}
    for word in (hoppings, inputs, head, *decay):
        wanted |= expected.get(word, {})
    assert changes("hatano-nelson-cnn-complex-unit-clipping", name) == wanted


def test_p2s_recipe_is_the_printed_one():
    for name in ("hatano-nelson-cnn", "hatano-nelson-fc", "nonhermitian-ssh-cnn-0.2", "aah-cnn"):
        recipe = dict(CATALOGUE[name].training)
        recipe.pop("classes", None)
        assert recipe == {
            **{"epochs": 100, "batch_size": 64, "learning_rate": 1e-3},
            **{"schedule": "plateau", "patience": 40},
            "l2": 1e-4 / 2,  # PyTorch's weight decay is twice the strength of an L2 penalty
        }


@pytest.mark.parametrize("threshold", catalogue.THRESHOLDS)
@pytest.mark.parametrize(
    "model", ["nonhermitian-ssh-cnn", "nonhermitian-ssh-cnn-ours", "dirac-cnn"]
)
def test_a_threshold_is_the_only_change_and_the_tests_lie_beyond_it(model, threshold):
    first = f"{model}-{catalogue.THRESHOLDS[0]}"
    found = changes(first, f"{model}-{threshold}")
    assert found == ({"data.options.distance_at_least": threshold} if threshold != 0.2 else {})


@pytest.mark.parametrize("threshold", [0.2, 0.6])
def test_ablations_take_one_thing_away_from_ours(threshold):
    ours = f"nonhermitian-ssh-cnn-ours-{threshold}"

    def found(part):
        return changes(ours, f"nonhermitian-ssh-cnn-ours-{part}-{threshold}")

    assert found("plain") == {"training.phases": None}
    assert found("natural") == {"data.shares": [], "data.windings": []}
    assert found("clipping") == dict.fromkeys(LINEAR)


@pytest.mark.parametrize("setting", catalogue.SSH_SETTINGS)
def test_settings_of_the_linear_model_change_what_their_names_say(setting):
    fields = {"rate": "learning_rate", "batch": "batch_size"}
    words = re.findall(r"(epochs|rate|batch|l2)-(1e-\d|\d+)", setting)
    named = {f"training.{fields.get(word, word)}": float(value) for word, value in words}
    if setting.startswith("cosine"):
        named |= {"training.schedule": "cosine", "training.learning_rate": 1e-2}
    assert changes("ssh-linear", f"ssh-linear-{setting}") == named


@pytest.mark.parametrize("setting", PHASE_SETTINGS)
def test_settings_of_phase_diagrams_change_what_their_names_say(setting):
    named = {
        "raw": {"data.inputs": "raw"},
        "dense-fans": {"network_options.fans": "dense"},
        "no-l2": {"training.l2": 0},
        "l2-1e-4": {"training.l2": 1e-4},
        "log2": {"training.l2": 5e-5 * np.log(2)},
        "patience-100": {"training.patience": 100, "training.epochs": 1000},
        "1000": {"training.epochs": 1000},
        "fresh": {},
    }
    found = 0
    for stem, shares in [("nonhermitian-ssh-cnn", [1, 2]), ("dirac-cnn", [1, 1])]:
        equal = {"data.windings": [0, 1], "data.shares": list(np.divide(shares, sum(shares)))}
        expected = named | {"balanced": equal, "raw-balanced": named["raw"] | equal}
        for threshold in catalogue.THRESHOLDS:
            name = f"{stem}-{setting}-{threshold}"
            if name in CATALOGUE:
                found += 1
                assert changes(f"{stem}-{threshold}", name) == expected[setting]
    assert found >= 3


@pytest.mark.parametrize("kind", ["cnn", "fc"])
def test_p2s_own_rule_ends_the_longer_trainings(kind):
    assert changes(f"hatano-nelson-{kind}", f"hatano-nelson-{kind}-1000") == {
        "training.epochs": 1000
    }


P1S = [n for n in CATALOGUE if re.fullmatch(r"aiii-cnn-((links|mix)-[\d.]+-.+|rate-.+)", n)]


@pytest.mark.parametrize("name", P1S)
def test_settings_of_p1s_network_change_what_their_names_say(name):
    place, setting = re.fullmatch(r"(aiii-cnn(?:-(?:links|mix)-[\d.]+)?)-(.+)", name).groups()
    named = {
        "dense-fans": {"network_options.fans": "dense"},
        "batch-200": {"training.batch_size": 200},
        "epochs-200": {"training.epochs": 200},
        "cosine": {"training.schedule": "cosine", "training.learning_rate": 3e-3},
        "fresh": {},
    }
    named["cosine-400"] = named["cosine"] | {"training.epochs": 400}
    for strength in (1e-5, 1e-4):
        named[f"l2-1e{np.log10(strength):.0f}"] = {"training.l2": strength}
    for rate in (3e-3, 3e-4):
        named[f"rate-3e{np.floor(np.log10(rate)):.0f}"] = {"training.learning_rate": rate}
    assert changes(place, name) == named[setting]


def test_kept_epochs_are_those_of_the_lowest_validation_loss():
    for seed in CATALOGUE["aiii-cnn"].seeds:
        name = "aiii-cnn"
        if seed in catalogue.KEPT_EPOCHS:
            name += f"-kept-{seed:02}"
            assert changes("aiii-cnn", name) == {"training.epochs": catalogue.KEPT_EPOCHS[seed]}
        losses = experiments.train(name, [seed])[0].history["val_loss"]
        assert np.argmin(losses) == len(losses) - 1


@pytest.mark.parametrize("name", ["hatano-nelson-cnn-ours", "aah-cnn-ours", "dirac-cnn-ours-0.2"])
def test_ours_has_no_more_weights_than_p2s(name):
    papers = {"hatano-nelson-cnn-ours": "hatano-nelson-cnn"}.get(name, name.replace("-ours", ""))
    ours, theirs = (CATALOGUE[n].build().count_params() for n in (name, papers))
    assert ours <= theirs


def test_training_validation_and_test_sets_are_drawn_from_different_seeds():
    for e in CATALOGUE.values():
        assert e.data.seed != e.validation.seed
        assert not {e.data.seed, e.validation.seed} & {33, 43, 63}  # paper2's test sets


def test_the_scorecard_asks_for_experiments_of_the_catalogue():
    for claim in scorecard.CLAIMS:
        assert set(claim.experiments) <= set(CATALOGUE), claim.id
