"""Nanopublications of anybody: read, checked against their Trusty URI and their signature."""
