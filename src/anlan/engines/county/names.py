"""Invented names in the manner of Zhejiang, each with its pinyin.

Town and street names were checked against a public list of all divisions of the country and do
not occur there; village, road and estate names are put together from parts, so a chance match
with one of some 600,000 real villages cannot be ruled out and means nothing.
"""

from dataclasses import dataclass

import numpy as np

COUNTY_ZH = "安澜县"
COUNTY_EN = "Anlan County"
TOWN_STEMS = (
    "望澜",
    "澄屏",
    "霁川",
    "栖岭",
    "枢亭",
    "澜埠",
    "鹭汀",
    "岩蘅",
    "榧岭",
    "樵坞",
    "蘅塘",
    "柘霁",
    "岚源",
    "汀埠",
)
"""Kept for the towns, so that no road or shop shares their name."""
RIVER = ("澄澜江", "Chenglan River")

_ROAD_FIRST = (
    "澄cheng 岚lan 蘅heng 樵qiao 霁ji 汀ting 榆yu 栖qi 柘zhe 梓zi 鹭lu 榧fei 枫feng 沁qin 芷zhi 茗ming "
    "砚yan 翎ling 桢zhen 璞pu 濯zhuo 漪yi 筠yun 萱xuan 棹zhao 霞xia 皓hao 瑾jin 溯su 湛zhan 屿yu 榛zhen"
)
_ROAD_SECOND = (
    "川chuan 屏ping 岸an 渚zhu 亭ting 台tai 麓lu 堤di 浦pu 苑yuan 洲zhou 峰feng 湾wan 埠bu 陌mo 庐lu "
    "桥qiao 池chi 林lin 园yuan 阳yang 泽ze 畈fan 城cheng"
)
_VILLAGE_FIRST = (
    "上shang 下xia 前qian 后hou 里li 外wai 大da 小xiao 东dong 西xi 高gao 石shi 樟zhang 枫feng 柏bai 竹zhu "
    "茶cha 柿shi 梅mei 松song 杨yang 桐tong 鹤he 雁yan 鹿lu 龙long 泉quan 清qing 白bai 青qing 长chang 横heng"
)
_VILLAGE_SECOND = (
    "溪xi 岩yan 塘tang 坑keng 岙ao 畈fan 岭ling 墩dun 店dian 埠bu 桥qiao 蒋jiang 卢lu 应ying 胡hu 徐xu "
    "厉li 潘pan 楼lou 樟zhang 林lin 陈chen 泽ze 湖hu 坦tan 田tian"
)
_VILLAGE_LAST = (
    "坞wu 岙ao 塘tang 垟yang 宅zhai 坑keng 源yuan 畈fan 头tou 埠bu 口kou 沿yan 墩dun 坪ping 湾wan 底di 后hou 山shan"
)
_ESTATE_FIRST = (
    "锦jin 汇hui 桂gui 兰lan 云yun 翠cui 观guan 江jiang 和he 景jing 瑞rui 嘉jia 御yu 春chun 香xiang 雅ya "
    "绿lu 星xing 月yue 悦yue"
)
_ESTATE_SECOND = "澜lan 泽ze 麓lu 溪xi 岸an 庭ting 辰chen 樾yue 棠tang 鹭lu 川chuan 栖qi 湖hu 岚lan 枫feng 和he 序xu"
_ESTATE_LAST = (
    ("花园", "Garden"),
    ("雅苑", "Court"),
    ("新村", "New Village"),
    ("公寓", "Apartments"),
    ("名邸", "Residence"),
    ("家园", "Homes"),
    ("府", "Mansion"),
    ("小区", "Estate"),
)

SURNAMES = (
    "陈Chen 王Wang 胡Hu 徐Xu 应Ying 吕Lyu 朱Zhu 程Cheng 周Zhou 李Li 施Shi 章Zhang 卢Lu 童Tong 楼Lou 金Jin "
    "叶Ye 方Fang 沈Shen 俞Yu 蒋Jiang 潘Pan 何He 郑Zheng 傅Fu 厉Li 倪Ni 骆Luo 黄Huang 林Lin"
)
_GIVEN_FIRST = "景Jing 知Zhi 望Wang 亦Yi 若Ruo 思Si 远Yuan 承Cheng 立Li 予Yu 书Shu 明Ming 维Wei 清Qing 孟Meng 嘉Jia"
_GIVEN_SECOND = (
    "舟zhou 川chuan 宁ning 衡heng 言yan 和he 岚lan 谦qian 安an 远yuan 霖lin 晴qing 桐tong 禾he 岳yue 澄cheng"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Chinese and in pinyin or English."""

    zh: str
    en: str


def _parts(pool: str) -> list[tuple[str, str]]:
    return [(item[0], item[1:]) for item in pool.split()]


def _pairs(first: str, second: str) -> list[Name]:
    return [Name(a + b, (pa + pb).capitalize()) for a, pa in _parts(first) for b, pb in _parts(second) if a != b]


class NameBook:
    """Hands out every name once, in an order drawn from the generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Shuffle all pools with `rng`."""
        stems = [stem for stem in _pairs(_ROAD_FIRST, _ROAD_SECOND) if stem.zh not in TOWN_STEMS]
        self._roads = self._shuffled(rng, stems)
        self._villages = self._shuffled(rng, _village_names(rng))
        self._estates = self._shuffled(rng, _estate_names())

    @staticmethod
    def _shuffled(rng: np.random.Generator, names: list[Name]) -> list[Name]:
        return [names[i] for i in rng.permutation(len(names))]

    def road(self, suffix_zh: str, suffix_en: str) -> Name:
        """A road name with the suffix (路 Road, 街 Street, 弄 Lane)."""
        stem = self._roads.pop()
        return Name(stem.zh + suffix_zh, f"{stem.en} {suffix_en}")

    def village(self) -> Name:
        """A village name, ending in 村."""
        return self._villages.pop()

    def estate(self) -> Name:
        """A name for a housing estate."""
        return self._estates.pop()


def _village_names(rng: np.random.Generator) -> list[Name]:
    """Two- and three-character villages; each stem once so that no two sound like one."""
    names: list[Name] = []
    lasts = _parts(_VILLAGE_LAST)
    for stem in _pairs(_VILLAGE_FIRST, _VILLAGE_SECOND):
        zh, en = stem.zh, stem.en
        if rng.random() < 0.55:
            last = lasts[int(rng.integers(len(lasts)))]
            if last[0] not in zh:
                zh, en = zh + last[0], en + last[1]
        names.append(Name(zh + "村", f"{en} Village"))
    return names


def _estate_names() -> list[Name]:
    return [
        Name(stem.zh + zh, f"{stem.en} {en}")
        for i, stem in enumerate(_pairs(_ESTATE_FIRST, _ESTATE_SECOND))
        for zh, en in (_ESTATE_LAST[i % len(_ESTATE_LAST)],)
    ]


def staff_names(rng: np.random.Generator, count: int) -> list[Name]:
    """`count` different invented full names for staff accounts."""
    given = _pairs(_GIVEN_FIRST, _GIVEN_SECOND)
    surnames = _parts(SURNAMES)
    picks = rng.permutation(len(given) * len(surnames))[:count]
    names: list[Name] = []
    for pick in picks:
        (zh, en), second = surnames[int(pick) % len(surnames)], given[int(pick) // len(surnames)]
        names.append(Name(zh + second.zh, f"{second.en} {en}"))
    return names
