"""A tiny town on paper: two 解放路, an estate, a village, a few landmarks, one junction."""

from anlan.engines.addresses import GazetteerIndex, GazetteerRecord

LON, LAT = 120.2, 28.9
DEGREE_PER_METRE_NORTH = 1 / 111_195.0

_rows: list[GazetteerRecord] = []


def add(kind: str, name: str, x: float, y: float, **more: object) -> None:
    """A record `x` thousandths of a degree east and `y` north of the corner of the town."""
    place = GazetteerRecord(len(_rows) + 1, kind, name, lon=LON + x / 1000, lat=LAT + y / 1000)
    _rows.append(GazetteerRecord(**{**{f: getattr(place, f) for f in place.__slots__}, **more}))  # type: ignore[arg-type]


add("road", "云埠街", 0, 0, name_en="Yunbu Street")
add("road", "柏川路", 1, 1, name_en="Baichuan Road")
add("road", "三溪大道", 5, 5, name_en="Sanxi Avenue")
for n in (1, 5, 9, 21, 2, 6, 10):
    add("house_number", f"云埠街{n}号", n / 10, 0 if n % 2 else 0.2, road="云埠街", number=str(n))
add("house_number", "云埠街9号之2", 0.9, 0.05, road="云埠街", number="9-2")
add("road", "解放路", 0, 3, area_code="north")
add("road", "解放路", 60, 3, area_code="east")
add("house_number", "解放路12号", 0.1, 3, road="解放路", number="12")
add("house_number", "解放路12号", 60.1, 3, road="解放路", number="12")
add("house_number", "解放路88号", 60.3, 3, road="解放路", number="88")
add("estate", "望云花园", 2, 2, name_en="Wangyun Gardens", aliases=("望云小区",))
for n in (1, 2, 11):
    add("building", f"望云花园{n}幢", 2 + n / 100, 2, number=str(n), aliases=(f"望云花园{n}栋",))
add("village", "长坑村", 10, 10, name_en="Changkeng Village", aliases=("长坑",))
for n in (1, 3):
    add("village", f"长坑村{n}组", 10 + n / 10, 10, number=str(n))
add("landmark", "客运东站", 3, 3, name_en="East Bus Station", aliases=("东站",))
add("landmark", "世纪超市", 1.1, 1.0, road="柏川路")
add("landmark", "世纪超市", 40, 40, road="别处路")
add("junction", "云埠街与柏川路路口", 1, 0.5, aliases=("云埠街柏川路口",))
for km in (3, 4, 5):
    add("landmark", f"环东线{km}公里处", 20 + km * 10, 20, road="环东线", number=str(km), aliases=(f"环东线K{km}",))
add("road", "Broadway", 80, 80)
add("road", "West 42nd Street", 80, 81)
add("junction", "Broadway与West 42nd Street交叉口", 80, 80.5, aliases=("Broadway/West 42nd Street",))

RECORDS = tuple(_rows)
TOWN = GazetteerIndex(RECORDS)
