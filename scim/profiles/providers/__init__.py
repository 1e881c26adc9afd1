"""The identity providers: which rules each of them needs, and how each of them is set up."""
