"""Pages of the room, a file for each place where somebody stands: the day, the counter, the plan."""

from anlan.equipment.pages import counter, day, labels, mine, plan

app_name = "equipment"
urlpatterns = [*counter.urlpatterns, *labels.urlpatterns, *mine.urlpatterns, *plan.urlpatterns, *day.urlpatterns]
