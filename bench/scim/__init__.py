"""``make bench-scim``: a directory beside that of another package, under the same requests."""
