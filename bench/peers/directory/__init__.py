"""A directory that the django-scim2 package serves, set up as its documentation says."""
