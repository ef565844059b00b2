"""Policies in words: ``cover+units:2`` and its like, as commands and forms write them."""

from dataclasses import replace

from anlan.engines.simulation.policies import CoverAware, HomeFirst, Policy, closest

SENDS = ("closest", "home", "zones", "plans", "cover")
CHANGES = ("moveup", "post", "units", "divert", "patrol")
MOST_S = 1800
MOST_UNITS = 200


class PolicyUnknown(ValueError):
    """A policy nobody knows: `part` is the word that can't be read."""

    def __init__(self, text: str, part: str) -> None:
        super().__init__(f"{text!r}: {part!r}; known are {', '.join(SENDS)}, and + {', '.join(CHANGES)}")
        self.text, self.part = text, part


def policy_read(text: str) -> Policy:
    """A policy from its words, which are its name.

    First who is sent: ``closest``; ``home:S`` (home station first within S seconds, default 180); ``zones:S/Z`` (and
    its zone within Z, default 60: 1+1+N); ``plans:S/Z`` (whole response plans, those preferences too); ``cover`` (a
    unit that leaves more cover behind, within the caps). Then, each after a ``+``: ``moveup`` or ``post`` (where
    free units wait), ``units:N`` (more, or fewer below 0), ``divert:off`` (nobody is taken from a lesser call),
    ``patrol`` (units begin where a patrol plan has them).

    Raises PolicyUnknown naming the part.
    """
    first, *changes = [part.strip() for part in text.strip().split("+")]
    policy = _sender(text, first)
    for part in changes:
        name, _, value = part.partition(":")
        if name == "moveup" and not value:
            policy = replace(policy, stands="move_up")
        elif name == "post" and not value:
            policy = replace(policy, stands="post")
        elif name == "units" and (more := _whole(value)) is not None and abs(more) <= MOST_UNITS:
            policy = replace(policy, more=more)
        elif name == "divert" and value in ("on", "off"):
            policy = replace(policy, diverts=value == "on")
        elif name == "patrol" and not value:
            policy = replace(policy, is_patrol=True)
        else:
            raise PolicyUnknown(text, part)
    return policy


def _sender(text: str, part: str) -> Policy:
    name, _, value = part.partition(":")
    seconds = [_whole(each) for each in value.split("/")] if value else []
    if any(each is None or not 0 <= each <= MOST_S for each in seconds) or len(seconds) > 2:
        raise PolicyUnknown(text, part)
    home, zone = ([*(float(each) for each in seconds if each is not None), *(180.0, 60.0)[len(seconds) :]])[:2]
    if name == "closest" and not seconds:
        return Policy(text, closest)
    if name == "cover" and not seconds:
        return Policy(text, CoverAware())
    if name == "home" and len(seconds) < 2:
        return Policy(text, HomeFirst(home, 0.0))
    if name in ("zones", "plans"):
        return Policy(text, HomeFirst(home, zone), is_plan=name == "plans")
    raise PolicyUnknown(text, part)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
