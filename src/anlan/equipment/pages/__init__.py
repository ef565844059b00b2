"""Pages of the room, a file for each place where somebody stands: the day, the counter, the plan."""

from anlan.equipment.pages import counter, day, gate, labels, mine, plan

app_name = "equipment"
PLACES = (counter, gate, labels, mine, plan, day)
urlpatterns = [pattern for page in PLACES for pattern in page.urlpatterns]
