"""Split the data for every seed and put the training samples in the orders that cells read."""
