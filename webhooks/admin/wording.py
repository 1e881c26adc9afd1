"""Numbers of rows in sentences."""


def deliveries_are(count: int) -> str:
    """Return how many deliveries there are, with the verb: "1 delivery is"."""
    return "1 delivery is" if count == 1 else f"{count:,} deliveries are"


def subscriptions_are(count: int) -> str:
    """Return how many subscriptions there are, with the verb."""
    return "1 subscription is" if count == 1 else f"{count:,} subscriptions are"


def messages_become(count: int) -> str:
    """Return in a sentence how many messages become events again."""
    subject = "1 message becomes an event" if count == 1 else f"{count:,} messages become events"
    return f"{subject} again."
