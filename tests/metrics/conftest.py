from hypothesis import settings

# No deadline: a loaded machine is no failure. The same examples in every run.
settings.register_profile("metrics", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("metrics")
