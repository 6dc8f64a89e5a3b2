"""Claims: what the papers say, measured on our runs, and judged.

`claim` says what a claim is. Each chapter has a module with its test sets, its measures and its
claims. `measures` has the measures that several chapters share, `phase_diagrams` what chapters 5
and 7 share, and `kept_sets` keeps test sets that take long to draw. `scorecard` puts all of it
beside the papers' numbers.
"""
