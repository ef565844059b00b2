"""Pages and API. What is slow to build is built before the first request, not during somebody's call."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connections
from django.urls import reverse

from anlan.assurance.standby.copy import STANDBY, role_of
from anlan.config.door import Door
from anlan.config.lanes import WEB_THREADS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
application = get_wsgi_application()
door = Door(application, threads=WEB_THREADS)
# Who has the writer's turn gives up the interpreter at each statement and gets it back only when another thread's
# slice is over; at the usual 5 ms, a call's eight statements behind threads that read texts make all others wait.
sys.setswitchinterval(0.0005)


def warm_up() -> None:
    """Load every page; build the text engine, the areas, the gazetteer and the road network from the store."""
    # Finding an address loads all pages and interfaces, some seconds' work: not while the first caller waits.
    reverse("console:queue")
    role = role_of(settings.HOME)
    if role is None or role.role != STANDBY:
        store_read()


def store_read() -> None:
    """What is built from the store; nothing from one without tables. A standby's is not opened before a take-over."""
    from anlan.places.selectors import address_search, locate, road_graph
    from anlan.tagging.selectors import suggest

    try:
        suggest("有人在路口打架")
        locate(0.0, 0.0)
        address_search("路口")
        road_graph()
    except DatabaseError:
        return
    finally:
        connections.close_all()
    # What was built stays for good: let no call wait while it is searched for what is no longer wanted.
    gc.collect()
    gc.freeze()


warm_up()
