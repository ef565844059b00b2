"""Pages of the room, a file for each place where somebody stands: the day, the counter, the plan."""

from anlan.equipment.pages import care, counter, day, gate, labels, life, mine, plan, sharing, stock

app_name = "equipment"
PLACES = (counter, gate, labels, mine, plan, day, care, life, sharing, stock)
urlpatterns = [pattern for page in PLACES for pattern in page.urlpatterns]
