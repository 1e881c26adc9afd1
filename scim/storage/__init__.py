"""Where users and groups are read and written."""
