"""Checks that take too long for `make test`; each part writes a record for a page of the book.

``python -m soak`` runs all parts, ``python -m soak truth`` one. A part is a module of this
folder whose ``main()`` returns the tables of its record.
"""
