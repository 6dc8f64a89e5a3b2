"""Seeds of all that the book's experiments and claims draw at random, in one table."""

#: A seed for each Hamiltonian and each set that is drawn of it. No two of one Hamiltonian are
#: equal, since sets of one seed would share samples. "Lines" cross phase boundaries: selections
#: look along them. All other seeds differ between Hamiltonians as well.
SEEDS = {
    "ssh": {"training": 1, "validation": 2, "test": 21},
    "chiral": {
        "training": 11,
        "validation": 12,
        "test of chapter 1": 22,
        "test (i)": 101,
        "test (ii)": 102,
        "test (iii)": 103,
        "test (iv)": 104,
        "test (iv), strengthened": 105,
    },
    "hatano_nelson": {"training": 31, "validation": 32, "test": 33},
    "nonhermitian_ssh": {"training": 41, "validation": 42, "test I": 43, "lines": 0},
    "aah": {
        "training": 51,
        "validation": 52,
        "test": 53,  # with the numbers of each of its 110 cells
        "determinants": 55,
    },
    "dirac": {
        "training": 61,
        "validation": 62,
        "test I": 63,
        "test II": 64,
        "phase diagram": 65,
        "lines": 0,
        "loops on lines": 1,
    },
}
