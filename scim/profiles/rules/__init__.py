"""The rules: one habit of identity providers each, in files by what they are about."""
