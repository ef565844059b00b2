"""All quarrels of the set, and what is told at the same door that is no quarrel."""

from anlan.engines.match_set.matter import Matter
from anlan.engines.match_set.matters_home import AT_HOME, LAND_AND_ROOF
from anlan.engines.match_set.matters_money import ELSEWHERE, MONEY

MATTERS: tuple[Matter, ...] = AT_HOME + LAND_AND_ROOF + MONEY + ELSEWHERE
"""All matters; their order is part of the set: the same seed picks by place in this tuple."""

OTHER_EVENTS: tuple[tuple[str, str], ...] = (
    ("0105", "停在楼下的电动车不见了，锁剪断在地上"),
    ("0106", "回家发现门被撬，抽屉翻乱，少了金项链"),
    ("0107", "在摊位边上钱包被人摸走了"),
    ("0108", "早上看到车窗被砸，包没了"),
    ("0201", "几个喝醉的外地人在路边打架，不认识"),
    ("0103", "有人抢了老太太的耳环往河边跑了"),
    ("0901", "接到电话说是客服，转了两万六，被骗"),
    ("0207", "有人半夜拿喷漆把卷帘门涂了"),
)
"""Offences at the same door that are not the quarrel: (code, words)."""

HELP_EVENTS: tuple[tuple[str, str], ...] = (
    ("0505", "钥匙忘在屋里，小孩一个人在里面，请帮忙开门"),
    ("0503", "老人在家里摔倒起不来，要救护车"),
    ("0703", "整栋楼停电了，不知道找谁"),
    ("0504", "在门口捡到一只书包，里面有课本"),
    ("0605", "有个老人坐在门口说不清家在哪里"),
    ("0506", "院子里进了一条蛇，不敢动"),
)
"""Calls for help at the same door: (code, words)."""

FEW_WORDS = (
    "又吵了，快来",
    "还是上次那个事",
    "他又来了，你们来一下",
    "老地方，又闹了",
    "又开始了，来人",
    "还是那家，快点",
)
"""What somebody says who takes it that everybody knows."""
