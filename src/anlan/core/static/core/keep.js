// A sheet leaves its page only once the centre answers: the browser would put its own page in the place of the words.
import { toast } from "./shell.js";

const WITHIN_MS = 4000, AGAIN_MS = 3000;
const words = document.body.dataset;

/** Whether anybody answers; a proxy that stands alone says 502 to 504. */
async function answers() {
  try {
    const got = await fetch(words.pulse || "/sign-in", { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(WITHIN_MS) });
    return got.status < 502 || got.status > 504;
  } catch { return false; }
}

/** Comes back when the centre answers. Until then the page says that nothing is saved yet, and asks again and again. */
export async function untilAnswered() {
  let said = null, again = () => {};
  while (!(await answers())) {
    document.dispatchEvent(new CustomEvent("anlan:unreachable"));
    if (!said?.isConnected) said = told(() => again());
    await new Promise((go) => { again = go; setTimeout(go, AGAIN_MS); });
  }
  said?.remove();
}

function told(again) {
  const text = document.createElement("span"), now = document.createElement("button");
  text.textContent = `${words.wordUnsavedWaits} `;
  now.type = "button";
  now.className = "btn";
  now.textContent = words.wordTryNow;
  now.addEventListener("click", again);
  const both = document.createDocumentFragment();
  both.append(text, now);
  return toast(both, { kind: "refusal unsaved", stay: true });
}
