"""What Claimgraph costs, beside what a user would take instead: `python -m tests.benchmarks`."""
