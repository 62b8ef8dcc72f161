"""What is seen of one network, or of a stack of them, at one step: pure tensor functions."""
