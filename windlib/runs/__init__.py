"""Runs: recipes, the archive of trained networks, and what trains and checks them.

`recipes` says what an experiment is, and `catalogue` has those of the book. `experiments` trains
and reads single runs, which `archive` keeps; `reproduce` trains whatever is missing, with the
processes of `workers`; `verify` checks what is kept; `sweeps` makes grids of
recipes, and `sweep_results` a table and a plot of what came out.
"""
