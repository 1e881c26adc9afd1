"""The demonstration: an order becomes a verified webhook, on this machine alone."""
