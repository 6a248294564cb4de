"""Loops that others would write around the same fold, each a process of its own, for `bench.peers`."""
