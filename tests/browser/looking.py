"""Looking at a page as it stands: does it fit a small telephone, is a word cut off, is one in the wrong language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import polib

HERE = Path(__file__).resolve().parent
CHINESE = re.compile(r"[\u3400-\u9fff]+")
OWN_NAMES = {"中文", "English"}
"""What a language calls itself, where one chooses it."""
CATALOGUES = HERE.parents[1] / "src" / "anlan"

# Text that a box cuts off though it can't be scrolled to: without an ellipsis nobody sees that it goes on, and
# without a title nobody can read the rest.
FITS = """() => {
  const found = [];
  const name = (el) => el.tagName.toLowerCase() + (el.id ? "#" + el.id : "")
    + [...el.classList].map((c) => "." + c).join("");
  const held = (el) => {
    for (let box = el.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return getComputedStyle(el).position === "fixed";
  };
  if (document.documentElement.scrollWidth > innerWidth)
    found.push(`the page is ${document.documentElement.scrollWidth} px wide, the screen ${innerWidth}: `
      + [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > innerWidth + 1
        && !held(el)).slice(0, 4).map(name).join(", "));
  const titled = (el) => el.closest("[title], [aria-label]");
  for (const box of document.querySelectorAll("body *")) {
    if (box.scrollWidth <= box.clientWidth + 1 && box.scrollHeight <= box.clientHeight + 2) continue;
    if (box instanceof SVGElement || ["SELECT", "INPUT", "TEXTAREA", "OPTION"].includes(box.tagName)) continue;
    const style = getComputedStyle(box), rect = box.getBoundingClientRect();
    const wide = ["hidden", "clip"].includes(style.overflowX), high = ["hidden", "clip"].includes(style.overflowY);
    if (!(wide || high) || rect.width <= 2 || rect.height <= 2) continue;
    const ends = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!node.data.trim()) continue;
      const parent = node.parentElement;
      if (parent.closest(".visually-hidden, [hidden], svg") || !parent.checkVisibility()) continue;
      const inner = parent.closest("[style], *");
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      if (text.width === 0) continue;
      const cutWide = wide && text.right > rect.right + 1.5, cutHigh = high && text.bottom > rect.bottom + 4;
      if (!(cutWide || cutHigh)) continue;
      const own = getComputedStyle(inner);
      if (ends || own.textOverflow === "ellipsis" && own.overflowX === "hidden" || titled(parent)) continue;
      found.push(`${name(parent)} is cut off in ${name(box)}: ${node.data.trim().slice(0, 40)}`);
      break;
    }
  }
  return found;
}"""

# What a reader reads: texts and spoken attributes with the language their element says it is in.
WORDS = """() => {
  const told = [];
  const lang = (el) => (el.closest("[lang]")?.lang || "").slice(0, 2);
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const el = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT", "KBD", "CODE"].includes(el.tagName)) continue;
    told.push([lang(el), node.data]);
  }
  for (const el of document.querySelectorAll("[title], [placeholder], [aria-label], [alt], [data-confirm]"))
    for (const kind of ["title", "placeholder", "aria-label", "alt", "data-confirm"])
      if (el.getAttribute(kind)) told.push([lang(el), el.getAttribute(kind)]);
  return told;
}"""


def ill_fitting(page: Any) -> list[str]:
    """What is wider than the screen, or cut off without a sign of it."""
    return list(page.evaluate(FITS))


def wrong_words(page: Any, language: str) -> list[str]:
    """Texts of our own in the other language. What people wrote and what places are called stays as it is."""
    told = [(lang, " ".join(text.split())) for lang, text in page.evaluate(WORDS)]
    told = [(lang, text) for lang, text in told if text not in OWN_NAMES]
    if language == "en":
        return sorted(
            {f"Chinese on an English page: {text[:60]}" for lang, text in told if lang == "en" and foreign(text)}
        )
    return sorted(
        {f"English on a Chinese page: {text[:60]}" for lang, text in told if lang == "zh" and text in texts()}
    )


def foreign(text: str) -> list[str]:
    """The Chinese in ``text`` that nobody of the town has written."""
    return [run for run in CHINESE.findall(text) if run not in written() and not typed_by_tests(run)]


def typed_by_tests(run: str) -> bool:
    """Whether another test wrote it into the same town; our own words, which tests look for too, are not typed."""
    return run in tests_text() and run not in our_chinese()


@cache
def tests_text() -> str:
    """The tests of this folder but the sweep itself: what they type stays in the town."""
    others = set(HERE.glob("test_*.py")) - {HERE / "test_every_page.py"}
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(others))


@cache
def our_chinese() -> str:
    """All Chinese of every catalogue."""
    return "\n".join(entry.msgstr for path in catalogues() for entry in polib.pofile(str(path)))


def catalogues() -> list[Path]:
    """Every room's Chinese."""
    return sorted(CATALOGUES.glob("*/locale/**/django.po"))


@cache
def written() -> str:
    """All that the town's people wrote, and the names they gave."""
    files = [HERE.parent / "world.py", HERE / "pages.py", *sorted(HERE.glob("town*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def texts() -> frozenset[str]:
    """The English of every catalogue that has words in it and reads otherwise in Chinese."""
    entries = [entry for path in catalogues() for entry in polib.pofile(str(path))]
    return frozenset(
        " ".join(entry.msgid.split())
        for entry in entries
        if entry.msgstr != entry.msgid and re.search(r"[A-Za-z]{3}", entry.msgid) and "%(" not in entry.msgid
    )
