"""Disputes: a quarrel followed over all its calls through three pushes until it doesn't come back."""
