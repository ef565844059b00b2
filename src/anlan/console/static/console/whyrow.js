// Why a row of the queue stands where it stands: Y on the row, or a finger on its short reason, tells the whole of it
// beneath the row; the same again takes it away. A mouse reads it by resting there: its press opens the row, as anywhere.
export function explained(box, idOf, say) {
  const shown = new Set();
  const whole = (row) => row.querySelector(".why-row")?.title;
  function tell(row) {
    let told = row.querySelector(".why-told");
    if (!told) {
      told = document.createElement("span");
      told.className = "why-told";
      told.id = `why-${idOf(row)}`;
      row.append(told);
      row.setAttribute("aria-describedby", told.id);
    }
    if (told.textContent !== whole(row)) told.textContent = whole(row);
  }
  function toggle(row) {
    if (!whole(row)) return false;
    if (shown.delete(idOf(row))) {
      row.querySelector(".why-told")?.remove();
      row.removeAttribute("aria-describedby");
      return true;
    }
    shown.add(idOf(row));
    tell(row);
    say(whole(row));
    row.scrollIntoView({ block: "nearest" });
    return true;
  }
  box.addEventListener("click", (e) => {
    const row = e.target.closest(".why-row, .why-told")?.closest("[data-row]");
    if (!row || e.pointerType === "mouse" || e.ctrlKey || e.metaKey || e.shiftKey || !toggle(row)) return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
  box.addEventListener("keydown", (e) => {
    if (e.key.toLowerCase() !== "y" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    const row = e.target.closest("[data-row]");
    if (!row || !toggle(row)) return;
    e.preventDefault();
    e.stopPropagation();
  });
  /** After the list was drawn anew: what was told is told again, in the words of now. */
  return () => {
    for (const row of box.querySelectorAll("[data-row]")) if (shown.has(idOf(row)) && whole(row)) tell(row);
  };
}
