// The right side: the incident as the server draws it everywhere, or the call being taken.
import { toast, typing } from "@static/core/shell.js";
import { post, pressed, refuse } from "./deeds";
import { $, h } from "./dom";
import { facts, t } from "./facts";
import { clearReach, reachOf } from "./reach";
import { store } from "./store";
import { soon } from "./stream";

export class Pane {
  /** Whether the call form is open. */
  taking = false;
  private saving = false;
  private asked = 0;
  /** Ends the wait for an incident that doesn't stand in the picture yet. */
  private waitsNoMore = (): void => undefined;

  constructor(private readonly root: HTMLElement) {
    root.addEventListener("anlan:sheet", (e) => {
      e.preventDefault();
      void this.save(e.target as HTMLFormElement);
    });
    this.empty();
  }

  private empty(): void {
    this.root.replaceChildren(h("div", { class: "empty" }, h("b", {}, t("no_incident")), t("no_incident_how")));
  }

  /** Show an incident; ``then`` is done when its units have been ranked. */
  async open(number: string, toUnits = false): Promise<void> {
    if (this.taking) this.leaveCall();
    const mine = ++this.asked;
    store.number = number;
    store.tell("incident");
    remember(number);
    const answer = await asked(`/console/incidents/${encodeURIComponent(number)}`, { "HX-Request": "true" });
    const html = await answer?.text();
    if (mine !== this.asked) return;
    if (!answer?.ok) {
      // The panel never shows another matter than the one that is marked: what is sent from here goes to that one.
      this.shut();
      if (answer) $("#toasts")!.innerHTML = html!;
      else refuse(t("not_reached"));
      return;
    }
    this.root.innerHTML = html!;
    this.root.scrollTop = 0;
    if (toUnits) this.whenRanked(() => this.toUnits());
    window.htmx.process(this.root);
    document.dispatchEvent(new CustomEvent("anlan:swapped"));
    this.askReach(number);
  }

  /** The rings of what is open. What was saved this moment may not stand in the picture yet: asked once it does. */
  private askReach(number: string): void {
    this.waitsNoMore();
    const incident = store.incident;
    if (incident) return void reachOf(incident);
    clearReach();
    this.waitsNoMore = store.on("data", () => {
      if (store.number === number && !store.incident) return;
      this.waitsNoMore();
      if (store.number === number && store.incident) void reachOf(store.incident);
    });
  }

  private whenRanked(then: () => void): void {
    const wait = (e: Event): void => {
      if ((e.target as Element).id !== "inc-units") return;
      document.removeEventListener("htmx:afterSwap", wait);
      then();
    };
    document.addEventListener("htmx:afterSwap", wait);
  }

  /** To the first ranked unit: Enter there sends it. */
  toUnits(): boolean {
    const row = $("#inc-units [data-row]", this.root);
    row?.focus();
    row?.scrollIntoView({ block: "center" });
    return Boolean(row);
  }

  shut(): void {
    this.asked++;
    store.number = null;
    remember(null);
    this.empty();
    store.tell("incident");
    clearReach();
  }

  // --- taking a call ------------------------------------------------------------------------------------------

  /** A button of the ringing strip: the call it answers is opened here. */
  async answerBy(form: HTMLFormElement): Promise<void> {
    const mine = ++this.asked;
    const answer = await pressed(form);
    soon(0);
    if (!answer) return refuse(t("not_reached"));
    await this.show(mine, answer);
  }

  /** The call form in this panel: the same sheet, the same keys as on its own page. */
  async call(number: string | null): Promise<void> {
    const mine = ++this.asked;
    const answer = await asked(number ? `/console/calls/${encodeURIComponent(number)}` : facts.urls.call_new);
    if (!answer) return refuse(t("not_reached"));
    await this.show(mine, answer);
  }

  private async show(mine: number, answer: Response): Promise<void> {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const sheet = page.querySelector("#call-form");
    if (mine !== this.asked) return;
    if (!answer.ok || !sheet) {
      if (answer.ok && answer.url.includes("/incidents/")) return this.open(answer.url.split("/").pop()!);
      return refuse(page.querySelector(".refusal")?.textContent?.trim() ?? t("not_reached"));
    }
    const parts = [page.querySelector(".call-band"), sheet, page.querySelector("#invalid-dialog")];
    const shut = h("button", { type: "button", class: "btn plain isl-shut", onclick: () => this.backFromCall() }, t("close"), h("kbd", {}, "Esc"));
    // Until its module is there, Enter must not carry the sheet off to a page of its own.
    sheet.addEventListener("submit", (e) => e.preventDefault());
    this.root.replaceChildren(h("div", { class: "isl-call" }, ...parts.filter((part) => part !== null)));
    $(".call-top", this.root)?.append(shut);
    this.root.scrollTop = 0;
    window.htmx.process(this.root);
    this.taking = true;
    document.body.classList.add("isl-taking");
    // The form's own module, once for each sheet: it looks for its form when it is loaded.
    try {
      await import(/* @vite-ignore */ `/static/console/call.js?sheet=${mine}`);
    } catch {
      return refuse(t("not_reached"));
    }
    document.dispatchEvent(new CustomEvent("anlan:swapped"));
  }

  /** Save the sheet. Refused, it stays as it is. */
  private async save(form: HTMLFormElement): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    const sheet = new FormData(form);
    sheet.delete("idempotency_key");
    const answer = await post(facts.urls.call_save, null, sheet);
    this.saving = false;
    if (!answer.ok) return refuse(answer.words);
    for (const name of Object.keys(sessionStorage))
      if (name.startsWith(`draft:${form.dataset["draft"]}`) || name === `sent:${form.dataset["draft"]}`) sessionStorage.removeItem(name);
    soon(0);
    const { incident, call } = answer.data as { incident: string | null; call: string };
    this.leaveCall();
    toast(t("saved", { number: incident ?? call }));
    if (incident) await this.open(incident, sheet.get("then") === "send");
    else this.shut();
  }

  private leaveCall(): void {
    this.taking = false;
    document.body.classList.remove("isl-taking");
  }

  /** Away from the form; what was typed is kept as its draft. */
  backFromCall(): void {
    const number = store.number;
    this.leaveCall();
    if (number) void this.open(number);
    else this.shut();
  }

  focus(): void {
    const spot = $<HTMLElement>("#narrative", this.root) ?? $<HTMLElement>("[data-row], a, button, input", this.root) ?? this.root;
    if (!typing(document.activeElement)) spot.focus();
  }
}

/** A page of the server; null when it was not reached, which the head then says. */
async function asked(url: string, headers: Record<string, string> = {}): Promise<Response | null> {
  try {
    return await fetch(url, { headers });
  } catch {
    document.dispatchEvent(new CustomEvent("anlan:unreachable"));
    return null;
  }
}

function remember(number: string | null): void {
  const url = new URL(location.href);
  if (number) url.searchParams.set("incident", number);
  else url.searchParams.delete("incident");
  history.replaceState(null, "", url);
}
