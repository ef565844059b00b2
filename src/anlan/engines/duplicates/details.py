"""Details of a narrative that settle whether two callers mean the same thing.

Two reports of one event may each leave a detail out; they rarely give it differently. A
dimension speaks only where both texts name it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from anlan.engines.addresses.numerals import digits_before

_COUNTERS = r"号|幢|栋|楼|层|单元|室|组|岁|公里|米|个|名|人"


def normalise(text: str) -> str:
    """The narrative in usual width, numerals before counters as digits, without white space."""
    return re.sub(r"\s+", "", digits_before(text[:2000], _COUNTERS))


@dataclass(frozen=True, slots=True)
class Dimension:
    """One kind of detail: the scenes it matters in (empty: all) and the penalty for a clash."""

    scenes: frozenset[str]
    clash: float
    agree: float = 0.6


def _scenes(*names: str) -> frozenset[str]:
    return frozenset(names)


_PERSON_SCENES = _scenes("missing", "found_person", "illness", "self_harm", "water", "drunk")
_MATTER_SCENES = _scenes("quarrel", "land", "leak", "property", "nuisance", "parking")
DIMENSIONS: dict[str, Dimension] = {
    "building": Dimension(frozenset(), 3.5, 1.0),
    "room": Dimension(frozenset(), 5.0, 2.0),
    "house_number": Dimension(frozenset(), 3.0, 1.5),
    "village_group": Dimension(frozenset(), 3.5, 1.0),
    "heading": Dimension(_scenes("congestion", "accident", "obstacle", "signal", "drunk_driving"), 4.0),
    "up_or_down": Dimension(_scenes("noise", "leak", "quarrel", "nuisance"), 2.0),
    "sex": Dimension(_PERSON_SCENES, 3.5, 0.3),
    "age_class": Dimension(_PERSON_SCENES, 3.5, 0.3),
    "colour": Dimension(_scenes("theft", "missing", "accident", "drunk_driving", "found_person"), 3.0),
    "vehicle": Dimension(_scenes("accident", "theft", "drunk_driving", "obstacle"), 2.0, 0.4),
    "manner": Dimension(_scenes("accident"), 1.5),
    "noise_source": Dimension(_scenes("noise", "quarrel"), 4.0, 1.0),
    "matter": Dimension(_MATTER_SCENES, 3.5, 0.4),
    "thing": Dimension(_scenes("theft", "lost_item", "consumer"), 3.5, 0.8),
    "venue": Dimension(_scenes("consumer", "quarrel", "theft", "fraud", "fight", "vandalism"), 2.5, 0.8),
    "parties": Dimension(_scenes("quarrel", "fight", "home", "blade"), 2.5, 0.5),
    "animal": Dimension(_scenes("animal"), 4.0, 0.2),
    "breed": Dimension(_scenes("animal"), 4.0, 0.8),
    "hair": Dimension(_PERSON_SCENES, 3.5, 1.0),
    "age": Dimension(_scenes("missing"), 2.0, 1.0),
    "fixture": Dimension(_scenes("facility", "obstacle", "utility", "signal"), 3.5, 0.6),
    "spot": Dimension(_scenes("illness", "drunk"), 3.5, 0.6),
}

_WORDS: dict[str, dict[str, str]] = {
    "up_or_down": {"up": r"楼上", "down": r"楼下(?!的?[广小花])"},
    "age_class": {
        "child": r"孙女|孙子|外孙|小孩|孩子|女儿|儿子|男孩|女孩|男童|女童|学生|宝宝|\b[1-9]岁|(?<!\d)1[0-4]岁",
        "elder": r"老人|老头|老爷爷|大爷|老奶奶|老太|阿婆|老伯|[6-9]\d岁|奶奶|爷爷",
    },
    "sex": {
        "female": r"女儿|孙女|女孩|女童|女子|女的|女[，,。]|[，,。]女|女人|女士|老奶奶|老太|阿婆|妇女|孕妇|大妈|奶奶",
        "male": r"儿子|孙子|男孩|男童|男子|男[，,。]|[，,。]男|男的|男人|老头|大爷|老爷爷|老伯|小伙|大叔",
    },
    "colour": {
        "red": r"红色|红(?![绿灯])[车衣裙裤上T外]|红[轿小]",
        "black": r"黑色|黑[车衣裙裤上T外轿]",
        "white": r"白色|白[车衣裙裤上T外轿]",
        "grey": r"灰色|灰[车衣裙裤上T外轿夹]",
        "blue": r"蓝色|蓝[车衣裙裤上T外轿书布]",
        "yellow": r"黄色|黄[车衣裙裤上T外轿]",
        "green": r"绿色|绿[车衣裙裤上T外轿]",
        "pink": r"粉色|粉红|粉[衣裙裤上]",
        "silver": r"银色|银灰",
        "flowered": r"花衬衫|花衣|花裙",
    },
    "vehicle": {
        "motorbike": r"摩托",
        "e_bike": r"电动车|电瓶车|电驴",
        "tricycle": r"三轮",
        "bicycle": r"自行车|单车",
        "truck": r"货车|卡车|渣土车|挂车|拖拉机|工程车",
        "bus": r"(?<!堵住)公交车?(?!司机|站|过不)|大巴|客车|校车",
        "taxi": r"出租车|的士|网约车",
        "van": r"面包车|商务车",
        "car": r"轿车|小车|SUV|私家车|[红黑白灰蓝黄银]车|奥迪|宝马|奔驰|大众",
    },
    "manner": {
        "rear_end": r"追尾",
        "scrape": r"蹭|刮擦|剐|擦碰|碰擦",
        "rollover": r"侧翻|翻车|翻了",
    },
    "noise_source": {
        "renovation": r"装修|电钻|敲墙",
        "singing": r"唱歌|[Kk]歌|卡拉|KTV|唱戏",
        "dancing": r"广场舞|跳舞",
        "mahjong": r"麻将|打牌",
        "building_site": r"施工|打桩|工地|渣土|搅拌",
        "dog": r"狗叫|狗一直|犬吠",
        "instrument": r"钢琴|练琴|小提琴|吹号|打鼓",
        "machine": r"空调外机|水泵|风机|机器声",
        "fireworks": r"鞭炮|烟花",
        "children": r"小孩.{0,3}跑|跑跳|蹦跳|拍球",
        "vendor": r"叫卖|吆喝|促销|循环播放",
        "horn": r"鸣笛|按喇叭|货车|大车",
        "manhole": r"井盖",
        "racing": r"飙车|炸街|摩托|轰油门",
        "band": r"唢呐|办丧|办喜事",
    },
    "matter": {
        "drain": r"水沟|排水|下水道",
        "boundary": r"界桩|地界|田埂|山界|界线|菜地",
        "leak": r"漏水|渗水|滴水",
        "yard": r"晒场|院子|道场",
        "wall": r"围墙|砌墙",
        "tree": r"树",
        "pet": r"遛狗|养狗|狗|猫",
        "parking": r"停车|车位|挪车",
        "smoke": r"油烟",
        "well": r"水井",
        "rubbish": r"垃圾|杂物",
    },
    "thing": {
        "e_bike": r"电动车|电瓶车|摩托",
        "car": r"汽车|轿车|车窗",
        "bicycle": r"自行车",
        "phone": r"手机",
        "wallet": r"钱包|现金|钱夹",
        "jewellery": r"金项链|项链|戒指|手表|首饰|手镯",
        "bag": r"挎包|书包|背包|手提包|行李|拉杆箱",
        "keys": r"钥匙",
        "card": r"银行卡|身份证|证件",
        "metal": r"铜|钢筋|电缆|废铁|钢管",
        "clothes": r"衣服|裤子|鞋",
        "computer": r"电脑|笔记本",
        "food": r"海鲜|水果|蔬菜|肉",
        "pet": r"泰迪|金毛|狗|猫|宠物",
        "child": r"小孩|孩子|女儿|儿子",
        "charger": r"充电器|耳机|充电宝|电池",
        "parcel": r"快递|包裹|外卖",
        "tyre": r"轮胎|胎",
        "membership": r"办卡|充卡|课程|会员",
        "beauty": r"做坏|美容项目|脸",
    },
    "venue": {
        "hair": r"理发|美发|剪发",
        "beauty": r"美容|美甲|医美",
        "gym": r"健身",
        "school": r"早教|培训|辅导|学校|小学|中学|幼儿园",
        "phone_shop": r"手机店|电器|家电",
        "clothes_shop": r"服装|衣服店|鞋店",
        "fabric": r"窗帘|布艺",
        "restaurant": r"饭店|餐馆|餐厅|龙虾|火锅|面馆|酒楼",
        "barbecue": r"烧烤|夜宵|大排档",
        "bar": r"酒吧|KTV|夜店",
        "net_cafe": r"网吧|电竞",
        "foot_bath": r"足浴|按摩|洗浴",
        "tea": r"奶茶|咖啡",
        "supermarket": r"超市|便利店",
        "market": r"菜场|农贸",
        "hotel": r"宾馆|酒店|旅馆",
        "hospital": r"医院|诊所|卫生院",
        "gold": r"(?<!五)金店|首饰店|周大",
        "pharmacy": r"药店",
    },
    "parties": {
        "family": r"丈夫|老公|妻子|老婆|夫妻|两口子|父子|婆媳|儿子|前夫|女婿",
        "neighbours": r"邻居|隔壁|对门",
        "customers": r"顾客|客人|食客|乘客|店家|老板|店员|摊主",
        "workers": r"工人|农民工|民工|包工头|工友",
        "school": r"家长|老师|学生|同学",
        "patients": r"患者|病人|医生|护士",
    },
    "animal": {
        "dog": r"狗|犬|金毛|泰迪|哈士奇|拉布拉多|德牧|柯基|二哈|藏獒|比熊|萨摩",
        "snake": r"蛇",
        "wasps": r"蜂",
        "boar": r"野猪|猪",
        "cattle": r"牛",
        "monkey": r"猴",
        "cat": r"猫",
        "poultry": r"鸡|鸭|鹅",
        "sheep": r"羊",
    },
    "breed": {
        name: name
        for name in (
            "金毛",
            "泰迪",
            "哈士奇",
            "拉布拉多",
            "德牧",
            "柯基",
            "藏獒",
            "比熊",
            "萨摩",
            "斗牛",
            "博美",
            "土狗",
            "狼狗",
        )
    },
    "hair": {
        "shaven": r"光头|板寸|平头|寸头",
        "plaits": r"辫|马尾|丸子头",
        "long": r"长头?发|披肩|披头",
        "short": r"短发|短头发|齐耳",
        "white": r"白发|白头发|花白",
    },
    "fixture": {
        "manhole": r"井盖|窨井",
        "sign": r"广告牌|招牌|灯箱",
        "street_light": r"路灯",
        "signal": r"信号灯|红绿灯|红灯|路口灯",
        "tree": r"树",
        "wall": r"围墙|墙皮|外墙",
        "glass": r"玻璃|幕墙",
        "water_pipe": r"水管|爆管|喷水|水柱",
        "power": r"停电|断电|变压器|没电|电线|电缆|光缆|电杆|灯杆",
        "load": r"掉了一|散落|钢管|铁管|一箱货|石子",
        "breakdown": r"抛锚|没油|故障车|停在路",
        "guard_rail": r"护栏",
    },
    "spot": {
        "toilet": r"厕所|卫生间|洗手间",
        "gate": r"检票口|进站口|安检",
        "exit": r"出站口|出口",
        "waiting": r"候车|候诊|大厅",
        "tickets": r"售票|退票",
        "car_park": r"停车场|车库|地库",
        "road_side": r"路边|路旁",
        "lane_end": r"巷口|弄口",
        "platform": r"站台|月台",
        "lift": r"电梯",
    },
}
_COMPILED = {d: {v: re.compile(p) for v, p in values.items()} for d, values in _WORDS.items()}
# One look for any word of a dimension spares most of the looks for each.
_ANY = {d: re.compile("|".join(values.values())) for d, values in _WORDS.items()}
_NUMBERED = {
    "building": re.compile(r"(\d{1,3})(?:幢|栋|号楼)"),
    "village_group": re.compile(r"(\d{1,2})组"),
    "house_number": re.compile(r"(?:路|街|巷|弄|道)(\d{1,4})号"),
}
_ROOM = re.compile(r"(?<!\d)(\d{3,4})(?:室|(?=[女男夫户一-鿿]|$))")
_AGE = re.compile(r"(\d{1,2})(?:周|虚)?岁")
_HEADING = re.compile(r"([东西南北])(?:段|头|侧|边|面)|([东西南北])向([东西南北])|[由往朝]([东西南北])")


def details_of(text: str) -> dict[str, frozenset[str]]:
    """The details a normalised narrative names, by dimension; unnamed dimensions are absent."""
    found = {name: frozenset(p.findall(text)) for name, p in _NUMBERED.items()}
    found["room"] = frozenset(m[1] for m in _ROOM.finditer(_without_amounts(text)))
    found["age"] = frozenset(_AGE.findall(text))
    found["heading"] = frozenset("".join(filter(None, m.groups())) for m in _HEADING.finditer(text))
    for name, values in _COMPILED.items():
        if not _ANY[name].search(text):
            continue
        found[name] = frozenset(value for value, pattern in values.items() if pattern.search(text))
    return {name: values for name, values in found.items() if values}


def _without_amounts(text: str) -> str:
    """The text without numbers that are money, times, lengths or counts of people."""
    return re.sub(r"\d+(?:[元块万千百米人名个年月日点分时岁公号路线多余%]|公里|来)|[充转付收给值欠了]\d+", "", text)


def compare_details(
    first: Mapping[str, frozenset[str]], second: Mapping[str, frozenset[str]], scenes: frozenset[str]
) -> tuple[list[str], list[str]]:
    """(dimensions that agree, dimensions that clash) among those that matter in these scenes."""
    agreeing: list[str] = []
    clashing: list[str] = []
    for name in first.keys() & second.keys():
        scope = DIMENSIONS[name].scenes
        # Where no scene is known, a telling detail may speak in any.
        if scope and scenes and not scope & scenes:
            continue
        (agreeing if first[name] & second[name] else clashing).append(name)
    return sorted(agreeing), sorted(clashing)
