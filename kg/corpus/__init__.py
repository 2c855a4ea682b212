"""Curated files become the model: reading them, and the rules that curators are held to."""
