"""Waiting for a free unit: how likely it is, how long it takes, and how many units keep a promise.

Calls come at random, take a while each, and the next free unit takes the one that waited longest:
Erlang's queue (M/M/c). Getting there is added to waiting, and more units stand nearer.
"""

from anlan.engines.queueing.erlang import Promise, erlang_b, erlang_c, reached_within, units_needed, waited_within

__all__ = ["Promise", "erlang_b", "erlang_c", "reached_within", "units_needed", "waited_within"]
