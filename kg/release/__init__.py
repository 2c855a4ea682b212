"""A dataset to publish: every export in one folder, described for people who have never seen the project."""
