"""Why a backtest could not run, said so that one knows what to do next."""

from __future__ import annotations

from datetime import date, timedelta

from anlan.engines.forecast import ForecastRefused

PERMITTED_USE = (
    "仅用于警力安排、备勤布点与预防服务。预测的是群众可能在哪里报警求助，绝不指向任何人，也不得作为盘查、搜查或入户的依据。",
    "For staffing, standby and prevention. It tells where citizens are likely to call for help, never who will do "
    "something, and is no ground to stop, search or enter.",
)
"""What every file of forecasts says of itself."""
WORDS = {
    "bad_shift_hours": (
        "班次长度 {shift_hours} 小时不能整除一天；请用 1、2、3、4、6、8、12 或 24。",
        "A shift of {shift_hours} hours doesn't divide the day; use 1, 2, 3, 4, 6, 8, 12 or 24.",
    ),
    "bad_cell": (
        "网格边长 {cell_m} 米不合用；请在 50 到 20000 米之间，正式使用不小于 250 米。",
        "Cells of {cell_m} m are of no use; take 50 to 20000 m, and 250 m or more for real work.",
    ),
    "span_backwards": (
        "检验期的结束日早于开始日；请检查 --test-from 与 --test-until。",
        "The test span ends before it begins; look at --test-from and --test-until.",
    ),
    "origin_not_citizens": (
        "来源 {origin} 不是群众报警。预测只从群众自己的报警学习；请在 --origin 写群众报警的叫法，如 citizen。",
        "The origin {origin} is not citizens calling, and forecasts learn from citizens' own calls alone; give "
        "--origin the name these have in the files, for example citizen.",
    ),
    "unknown_zone": (
        "没有时区 {zone}；请写成 Asia/Shanghai。",
        "There is no time zone {zone}; write it as Asia/Shanghai.",
    ),
    "no_scheduler": (
        "连不上 Dask 调度器 {address}（{why}）；请写成 tcp://主机:8786，并确认它在运行。",
        "The Dask scheduler {address} can't be reached ({why}); write it as tcp://host:8786 and see that it runs.",
    ),
    "cannot_write": (
        "{path} 写不进去（{why}）；请换一个能写的文件名。",
        "{path} can't be written ({why}); name a file that can.",
    ),
    "category_not_allowed": (
        "类别 {category} 不作按地点的预测（见 SCOPE.md）；请从 --categories 中去掉。",
        "The category {category} is never forecast by place (see SCOPE.md); leave it out of --categories.",
    ),
    "unknown_category": (
        "文件里没有类别 {category}。文件里有：{known}。",
        "The files hold no category {category}. They hold: {known}.",
    ),
    "unknown_model": ("没有模型 {model}。有：{known}。", "There is no model {model}. There are: {known}."),
    "no_rows": (
        "读了 {rows} 行，没有一行可用：{others}。请检查来源列、时间列和坐标列。",
        "Of {rows} rows none can be used: {others}. Look at the columns of origin, time and place.",
    ),
    "empty_files": (
        "文件里一行也没有；请检查导出的文件，或在 --events 换一个文件。",
        "The files hold no row at all; look at what was exported, or give --events another file.",
    ),
    "no_training_events": (
        "{test_from} 之前没有任何可用的警情，无从学起；请给更早的文件，或把 --test-from 往后移。",
        "There is no usable event before the test span, so nothing can be learnt; give earlier files, or move "
        "--test-from to a later day.",
    ),
    "no_test_days": (
        "检验期内没有一个记录完整的日子（最后一条可用警情在 {last_row}）；"
        "请检查 --test-from、--test-until 和 --coverage。",
        "The test span holds no complete day (the last usable event is of {last_row}); look at --test-from, "
        "--test-until and --coverage.",
    ),
    "no_dask": (
        "没有安装 distributed，不能用 --dask；请先安装它，或去掉 --dask。",
        "distributed isn't installed, so --dask cannot be used; install it, or leave --dask out.",
    ),
}


def refusal(refused: ForecastRefused) -> str:
    """The refusal in Chinese and English; a reason without words is told as it is."""
    facts = {name: _told(name, value) for name, value in refused.facts.items()}
    others = ", ".join(f"{name} {value}" for name, value in facts.items() if name != "rows") or "–"
    is_empty = refused.reason == "no_rows" and refused.facts.get("rows") == 0
    words = WORDS.get("empty_files" if is_empty else refused.reason)
    if words is None:
        return str(refused)
    known = _Known({"others": others, **facts})
    return "\n".join(each.format_map(known) for each in words)


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"


def _told(name: str, value: object) -> object:
    is_day = name in ("last_row", "day", "test_from") and isinstance(value, int)
    return date(1970, 1, 1) + timedelta(days=int(str(value))) if is_day else value
