"""The page people read: pure functions from verdicts and tables to one HTML file, its figures and their tables."""
