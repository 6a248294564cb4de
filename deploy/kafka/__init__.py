"""The broker of a cluster: who may do what on it. Run as `python -m deploy.kafka`."""
