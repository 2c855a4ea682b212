"""The model becomes triples: canonical N-Quads, what is derived from the claims, and JSON-LD."""
