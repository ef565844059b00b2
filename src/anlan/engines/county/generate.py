"""The door of the generator: a seed in, a county out."""

from anlan.engines.county.areas import county_areas
from anlan.engines.county.basemap import county_base_features
from anlan.engines.county.chance import generator_for
from anlan.engines.county.country import countryside
from anlan.engines.county.forces import county_units
from anlan.engines.county.frame import frame_for
from anlan.engines.county.gazetteer import county_gazetteer
from anlan.engines.county.landmarks import county_landmarks
from anlan.engines.county.names import COUNTY_EN, COUNTY_ZH, NameBook
from anlan.engines.county.network import road_network
from anlan.engines.county.organisations import county_duty_groups, county_organisations, county_people
from anlan.engines.county.plan import master_plan
from anlan.engines.county.records import County
from anlan.engines.county.streets import town_fabric


def county_generate(seed: int) -> County:
    """The fictional Anlan county of a seed: areas, roads, places, organisations, people, units.

    Depends on the seed alone. All of it is invented and labelled synthetic; a figure measured on
    it says something about the software and nothing about the world.
    """
    plan, frame = master_plan(seed), frame_for(seed)
    book = NameBook(generator_for(seed, "names"))
    fabric = town_fabric(seed, plan, book)
    land = countryside(seed, plan, book)
    drafts = [*fabric.roads, *land.roads]
    roads = road_network(drafts, frame, plan.river)
    areas = county_areas(seed, plan, frame)
    landmarks = county_landmarks(seed, plan, book, fabric.blocks, land.villages, drafts)
    gazetteer = county_gazetteer(seed, frame, book, roads, fabric.blocks, land.villages, landmarks, areas)
    organisations = county_organisations(plan, frame)
    units = county_units(organisations, areas, gazetteer)
    return County(
        seed=seed,
        name_zh=COUNTY_ZH,
        name_en=COUNTY_EN,
        areas=areas,
        base_features=county_base_features(plan, frame, fabric.blocks, land.villages),
        roads=roads,
        gazetteer=gazetteer,
        organisations=organisations,
        duty_groups=county_duty_groups(organisations),
        people=county_people(seed, organisations, areas, units),
        units=units,
    )
