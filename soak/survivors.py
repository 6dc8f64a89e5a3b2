"""Why some mutants survive: changes that make no difference, or none that is promised."""

#: From a change, as `soak.mutants` writes it, to the reason.
REASONS = {}
