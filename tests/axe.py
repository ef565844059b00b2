"""What axe-core finds wrong with a page by WCAG 2.2 AA; nothing serious may be found on any."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parents[1] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_RUN = """async ([rules, tags]) => {
  const which = rules.length ? {type: "rule", values: rules} : {type: "tag", values: tags};
  const found = await axe.run(document, {
    runOnly: which, resultTypes: ["violations"], preload: false, iframes: false});
  return found.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(
    v => `${v.id}: ${v.help} — ` + v.nodes.slice(0, 4).map(n => n.target.join(" ")
      + (n.any[0] ? ` (${n.any[0].message})` : "")).join("; "));
}"""


@cache
def _program() -> str:
    return AXE.read_text(encoding="utf-8")


def serious(page: Any, *rules: str) -> list[str]:
    """Findings of impact serious or critical on the page as it stands, one line each; by ``rules`` alone if named."""
    # Through the browser's own door, not a script element: the page's security policy stays as it is.
    if not page.evaluate("'axe' in window"):
        page.evaluate(_program())
    return list(page.evaluate(_RUN, [list(rules), list(TAGS)]))
