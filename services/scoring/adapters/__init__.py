"""The worker's ports on a real Kafka."""
