"""The worker's core: applies the log in order, once, and publishes what follows. Knows no Faust and no Kafka, only the ports."""
