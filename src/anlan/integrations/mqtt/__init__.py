"""Readers that tell what they hear over a message broker, each maker in a shape of its own."""
