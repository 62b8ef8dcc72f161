"""normshift: how the inputs of layers drift while a network learns, with and without batch norm."""
