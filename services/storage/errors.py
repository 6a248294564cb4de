"""What can go wrong, named by what to do about it."""


class TryAgain(Exception):  # noqa: N818 - it names what to do
    """Base of what passes by itself: do the same again, later, for as long as it takes."""


class StoreUnavailable(TryAgain):
    """The rows may or may not be written; write the same rows with the same token again."""


class BrokerUnavailable(TryAgain):
    """Kafka does not answer, or not in time."""


class TopicMissing(TryAgain):
    """A topic is not there yet: `thidua topics create` makes it."""


class NotMigrated(TryAgain):
    """The tables are not those of this version yet: `python -m services.storage migrate` makes them."""


class RowsRefused(Exception):  # noqa: N818 - it names what became of the rows
    """Something is wrong with one of these rows; never write them all again. Write halves, to find it."""


class BrokenMigration(Exception):  # noqa: N818 - it names what is broken
    """An applied migration is not what it was, or one is missing. Put the file back and write a new one; nothing was changed."""
