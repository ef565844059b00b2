"""Print the sum of a deadline, in Chinese or English.

Both languages are written here and not in a translation catalogue: the sum is printed into
records in both at once, whatever language the reader's screen has, and an old record must
print the same words again.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from anlan.engines.workclock.calendar import WorkCalendar
from anlan.engines.workclock.clock import ClockTime, Duration, NaturalDays, WorkingDays, WorkingTime
from anlan.engines.workclock.sums import DeadlineSum, LineKind, SumLine

Language = Literal["zh", "en"]
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_SENTENCES: dict[Language, dict[LineKind | Literal["stopped"], str]] = {
    "en": {
        "start": "Opened {from_at}; allowed: {duration}",
        "wait": "Opened outside working hours: counting starts {to_at}",
        "counted": "+ {span}: {amount} (so far {total}){name}",
        "rest": "  {span}: {name_only}, not counted",
        "pause": "- Clock stopped {from_at} to {to_at}{reason}: {amount} not counted",
        "stopped": "- Clock stopped {from_at}{reason}, and not yet started again",
        "extension": "Extended by {duration}{reason}",
        "roll": "The last day {first_day} is a day off: moved to {last_day}",
        "incomplete": "PROVISIONAL: no calendar is announced after {last_day}; compute again when it is",
        "due": "= Due {from_at}",
        "standing": "= No deadline yet: the clock has been stopped since {from_at}",
    },
    "zh": {
        "start": "登记时间{from_at}；时限{duration}",
        "wait": "在工作时间以外提出：从{to_at}起算",
        "counted": "+ {span}：计{amount}（累计{total}）{name}",
        "rest": "  {span}：{name_only}，不计",
        "pause": "- {from_at}至{to_at}中止计时{reason}：不计{amount}",
        "stopped": "- {from_at}起中止计时{reason}，尚未恢复",
        "extension": "延长{duration}{reason}",
        "roll": "期限最后一日{first_day}为休息日：顺延至{last_day}",
        "incomplete": "暂定：{last_day}以后的节假日安排尚未公布，公布后须重新计算",
        "due": "= 到期时间{from_at}",
        "standing": "= 暂无到期时间：自{from_at}起中止计时",
    },
}


def explain(total: DeadlineSum, calendar: WorkCalendar, language: Language) -> str:
    """The sum as lines of plain text, in the calendar's local time."""
    head = {
        "en": f"Calendar {total.calendar_key}, version {total.calendar_version}",
        "zh": f"日历 {total.calendar_key}，版本 {total.calendar_version}",
    }[language]
    return "\n".join([head, *(explain_line(line, calendar, language) for line in total.lines)])


def explain_line(line: SumLine, calendar: WorkCalendar, language: Language) -> str:
    """One line of the sum as text."""
    name = line.name_zh if language == "zh" else line.name_en
    # A deadline at 24:00 is printed on the day it closes, not as 00:00 of the next.
    closes = line.last_day if line.kind == "due" else None
    blanks = {
        "from_at": _moment(line.from_at, calendar, language, closes),
        "to_at": _moment(line.to_at, calendar, language),
        "first_day": _day(line.first_day, language),
        "last_day": _day(line.last_day, language),
        "span": _span(line, calendar, language),
        "amount": _quantity(line.amount, line.days, language),
        "total": _quantity(line.total, line.total_days, language),
        "duration": _duration(line.duration, language),
        "name": {"zh": f"，{name}", "en": f", {name}"}[language] if name else "",
        "name_only": name,
        "reason": {"zh": f"（{line.reason}）", "en": f" ({line.reason})"}[language] if line.reason else "",
    }
    still = line.kind == "pause" and line.to_at is None
    return _SENTENCES[language]["stopped" if still else line.kind].format_map(blanks)


def _day(day: date | None, language: Language) -> str:
    return f"{day.isoformat()} {_WEEKDAYS[language][day.weekday()]}" if day else ""


def _moment(instant: datetime | None, calendar: WorkCalendar, language: Language, closes: date | None = None) -> str:
    if instant is None:
        return ""
    local = instant.astimezone(calendar.zone)
    if closes is not None and local.date() > closes:
        return f"{_day(closes, language)} 24:00"
    return f"{_day(local.date(), language)} {_time(local)}"


def _time(local: datetime) -> str:
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def _span(line: SumLine, calendar: WorkCalendar, language: Language) -> str:
    if line.from_at is None or line.to_at is None:
        first, last = _day(line.first_day, language), _day(line.last_day, language)
        return first if first == last else f"{first} – {last}"
    start = _moment(line.from_at, calendar, language)
    if line.first_day == line.last_day:
        local = line.to_at.astimezone(calendar.zone)
        return f"{start}–{'24:00' if line.last_day and local.date() > line.last_day else _time(local)}"
    return f"{start} – {_moment(line.to_at, calendar, language)}"


def _quantity(amount: timedelta | None, days: int | None, language: Language) -> str:
    if amount is not None:
        return _amount(amount, language)
    if days is None:
        return ""
    return {"en": f"{days} day{'' if days == 1 else 's'}", "zh": f"{days}日"}[language]


def _amount(amount: timedelta, language: Language) -> str:
    seconds = round(amount.total_seconds())
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    units = {"en": (" h", " min", " s"), "zh": ("小时", "分钟", "秒")}[language]
    parts = [f"{n}{unit}" for n, unit in zip((hours, minutes, rest), units, strict=True) if n]
    return (" " if language == "en" else "").join(parts) or f"0{units[1]}"


def _duration(duration: Duration | None, language: Language) -> str:
    english = language == "en"
    match duration:
        case WorkingTime(amount):
            return f"{_amount(amount, language)} of working time" if english else f"工作时间{_amount(amount, 'zh')}"
        case ClockTime(amount):
            return f"{_amount(amount, language)} around the clock" if english else f"连续{_amount(amount, 'zh')}"
        case WorkingDays(days, until):
            end = {"close": ("close of business", "下班时"), "midnight": ("24:00", "24时")}[until]
            plural = "" if days == 1 else "s"
            return f"{days} working day{plural}, to {end[0]}" if english else f"{days}个工作日（至{end[1]}）"
        case NaturalDays(days, roll):
            tail = (", moved off rest days", "，末日遇休息日顺延") if roll else ("", "")
            plural = "" if days == 1 else "s"
            return f"{days} calendar day{plural}{tail[0]}" if english else f"{days}个自然日{tail[1]}"
    return ""
