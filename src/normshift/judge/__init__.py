"""The judge: tables of shifts in, a verdict with its evidence for every registered claim out."""
