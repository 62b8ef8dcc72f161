"""Train every cell of a study, stacked, and keep what is observed of it."""
