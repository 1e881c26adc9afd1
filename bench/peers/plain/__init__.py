"""A Celery task per delivery, written by hand."""
