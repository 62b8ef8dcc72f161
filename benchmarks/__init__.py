"""Speed, memory and scaling of training against the ways people train many small networks today."""
