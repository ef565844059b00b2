"""Pages of the room, a file for each place where somebody stands: the day, the counter, the plan."""

from anlan.equipment.pages import (
    care,
    counter,
    day,
    enter,
    gate,
    labels,
    life,
    mine,
    pieces,
    plan,
    register,
    sharing,
    stock,
    strays,
    thing,
)

app_name = "equipment"
PLACES = (counter, register, enter, thing, pieces, strays, gate, labels, mine, plan, day, care, life, sharing, stock)
urlpatterns = [pattern for page in PLACES for pattern in page.urlpatterns]
