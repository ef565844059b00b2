"""Messages on their way out: the adapter to the channels, and the worker's round."""
