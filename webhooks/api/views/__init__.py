"""Views of the webhooks API."""
