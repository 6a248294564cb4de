"""A plain kafka-python loop around the fold: the ceiling. `python -m bench.peer_loops.plain BOOTSTRAP TOPIC PARTITION SHAPE EVENTS MARK`"""

from kafka import KafkaConsumer, TopicPartition

from bench.peer_loops.folding import Folding, Job


def main(job: Job) -> None:
    folding = Folding(job)
    consumer = KafkaConsumer(
        bootstrap_servers=job.bootstrap,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    place = TopicPartition(job.topic, job.partition)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    while True:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                folding.take(record.offset, record.key or b"", record.value, record.timestamp)


if __name__ == "__main__":
    main(Job.from_arguments())
