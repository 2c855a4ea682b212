"""Claimgraph: claims of documents as a graph that can be checked, queried and compared."""

__version__ = "0.1.0"
