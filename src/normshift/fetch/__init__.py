"""Bring a data set: raw images, labels, and where they come from."""
