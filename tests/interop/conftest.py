"""These tests need the packages that `make interop` installs."""

from importlib.util import find_spec

if not any(map(find_spec, ("pythtb", "tbmodels", "sisl", "kwant"))):
    collect_ignore = ["test_packages.py"]
