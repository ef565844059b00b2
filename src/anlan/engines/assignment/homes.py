"""Home station first, then its zone: by how much later a unit may be and still go before another."""


def home_ahead_s(*, is_home: bool, is_zone: bool, home_s: float, zone_s: float, is_urgent: bool) -> float:
    """Seconds a unit counts as quicker than it is: `home_s` of the home station, `zone_s` of its zone, else 0.

    Nobody is preferred at an urgent call: there the quickest goes, whosesoever it is.
    """
    if is_urgent:
        return 0.0
    if is_home:
        return home_s
    return zone_s if is_zone else 0.0
