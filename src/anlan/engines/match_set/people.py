"""Invented callers, the ways their names get spelt, and what typing and speech do to words."""

from dataclasses import replace

from anlan.engines.county.chance import WordPicker
from anlan.engines.match_set.records import Person

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗章吕施蒋沈韩"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉建国红梅志文海燕晓东春生"
_SOUNDS_ALIKE = {
    "张": "章",
    "章": "张",
    "伟": "玮",
    "芳": "方",
    "敏": "闽",
    "静": "婧",
    "丽": "莉",
    "磊": "垒",
    "军": "君",
    "洋": "扬",
    "艳": "燕",
    "杰": "洁",
    "娟": "鹃",
    "涛": "滔",
    "明": "鸣",
    "兰": "岚",
    "霞": "侠",
    "平": "萍",
    "刚": "钢",
    "英": "瑛",
    "华": "骅",
    "红": "宏",
    "梅": "玫",
    "志": "智",
    "文": "闻",
    "燕": "艳",
    "晓": "小",
    "春": "椿",
    "生": "声",
    "建": "健",
    "国": "帼",
    "玉": "钰",
    "海": "嗨",
    "强": "墙",
    "勇": "涌",
    "超": "抄",
    "娜": "那",
    "东": "冬",
    "桂": "贵",
}
_SLIPS = {
    "楼": "娄",
    "吵": "抄",
    "漏": "露",
    "房": "防",
    "钱": "前",
    "修": "休",
    "押": "压",
    "租": "祖",
    "邻": "临",
    "堵": "赌",
    "资": "姿",
    "骂": "马",
    "摊": "滩",
    "欠": "歉",
    "账": "帐",
    "赔": "陪",
    "又": "有",
    "还": "环",
    "狗": "够",
    "退": "腿",
    "停": "亭",
    "墙": "强",
    "挖": "娃",
    "油": "由",
}
_DIALECT = {
    "吵架": "相骂",
    "吵起来": "相骂起来",
    "没有": "冇",
    "我们": "阿拉",
    "他": "佢",
    "睡不着": "困勿着",
    "昨天": "昨日",
    "老婆": "老娘",
    "什么": "啥西",
    "不": "勿",
    "在": "勒",
    "小孩": "小人",
}
_EMOJI = "😡😭🙏💢😤🆘"


def person_from(words: WordPicker) -> Person:
    """An invented name and number."""
    given = "".join(words.pick(_GIVEN) for _ in range(1 + words.below(2)))
    return Person(words.pick(_SURNAMES) + given, f"19900{words.below(1_000_000):06d}")


def spelt_otherwise(words: WordPicker, person: Person) -> Person:
    """The same person written down by somebody else: by the sound, with a title, the number apart."""
    way = words.below(3)
    if way == 0:
        name = "".join(_SOUNDS_ALIKE.get(char, char) for char in person.name)
    elif way == 1:
        name = " ".join(person.name) if words.chance(0.5) else person.name + "（房主）"
    else:
        name = person.name[0] + words.pick(("先生", "女士", "某"))
    phone = person.phone
    if words.chance(0.5):
        phone = words.pick((f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"))
    else:
        phone = person_from(words).phone
    return Person(name, phone)


def with_new_number(words: WordPicker, person: Person) -> Person:
    """The same name with another number."""
    return replace(person, phone=person_from(words).phone)


def with_slips(words: WordPicker, text: str) -> str:
    """Wrong characters of the same sound, two changed places, one left out."""
    chars = [_SLIPS[c] if c in _SLIPS and words.chance(0.5) else c for c in text]
    for _ in range(2):
        if len(chars) > 4:
            k = words.below(len(chars) - 1)
            chars[k], chars[k + 1] = chars[k + 1], chars[k]
    if len(chars) > 6:
        del chars[words.below(len(chars))]
    return "".join(chars)


def with_emoji_and_dialect(words: WordPicker, text: str) -> str:
    """Local words for common ones, signs of feeling in between."""
    for common, local in _DIALECT.items():
        if words.chance(0.7):
            text = text.replace(common, local)
    parts = text.split("，")
    return (
        "，".join(part + (words.pick(_EMOJI) if words.chance(0.6) else "") for part in parts) + words.pick(_EMOJI) * 2
    )


def with_id_numbers(words: WordPicker, text: str) -> str:
    """An identity number and a telephone number said in the middle of the words; both impossible ones."""
    number = f"000000{words.below(10**8):08d}{words.below(1000):03d}X"
    phone = f"19900{words.below(10**6):06d}"
    head, _, rest = text.partition("，")
    return f"{head}，我身份证{number}，电话{phone}，{rest}"
