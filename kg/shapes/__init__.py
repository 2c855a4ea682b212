"""The SHACL shapes: slices of the graph, the engines that judge them, and verdicts that are remembered."""
