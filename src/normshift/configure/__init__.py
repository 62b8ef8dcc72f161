"""Choices (params.yaml) and their meaning (conf/) in, one resolved and validated configuration out."""
