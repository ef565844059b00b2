"""The telephone switch: what it tells us, what we ask of it, and a simulated one."""
