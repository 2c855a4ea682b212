"""Stores: where a graph is asked. One protocol, an embedded store, remote endpoints, and workers that contain both."""
