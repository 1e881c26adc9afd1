"""Webhooks that others send to us: verified, kept, acknowledged, then turned into events."""
