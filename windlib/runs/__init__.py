"""Runs: recipes, the archive of trained networks, and what trains and checks them.

`recipes` says what an experiment is, `catalogue` has those of the book, with those of P2 from
`second_paper`, and `seeds` has the seeds that their data and the tests are drawn with.
`experiments` trains and reads single runs, which `archive` keeps; `checks` says what a kept run
must hold, and `remembered` has what the networks say of the test sets. `selections` has ways to
choose one of several seeds for P2's phase diagrams. `reproduce` trains whatever is missing, with
the processes of `workers`; `verify` checks what is kept; `sweeps` makes grids of recipes, and
`sweep_results` a table and a plot of what came out.
"""
