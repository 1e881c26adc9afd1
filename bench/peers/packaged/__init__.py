"""The django-webhook package, set up as its documentation says."""
