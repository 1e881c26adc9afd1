"""Subscriptions and deliveries as the API shows and takes them."""
