"""Grafana dashboards: the builder, and the JSON that it writes. `python -m dashboards` writes both languages again."""
