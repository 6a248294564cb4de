"""What all tests share."""

from hypothesis import settings

# a busy machine makes one example slow now and then; pytest's own timeout bounds a test that hangs
settings.register_profile("thidua", deadline=None)
settings.load_profile("thidua")
