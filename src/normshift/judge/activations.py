"""The networks that claims compare by their nonlinearity: what tells them apart in table `cells`."""

RELU = {"model": "mlp", "activation": "relu"}
SIGMOID = {"model": "mlp_sigmoid", "activation": "sigmoid"}
ACTIVATIONS = {"relu": RELU, "sigmoid": SIGMOID}
