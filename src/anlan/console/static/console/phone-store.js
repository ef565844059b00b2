// What waits on the phone, sealed. Each entry is encrypted with a key the browser makes and gives to nobody,
// not even to this page; key and entries are erased together on sign-out, and when somebody else signs in.
// Without a secure address (https) the browser offers no sealing: then nothing is written down, and what
// waits is held by the open page alone.
export const MOST = 200, HOURS = 12, MOST_BYTES = 40 * 1024 * 1024;
const NAME = "anlan-phone", OLD = "anlan-presses";
export const isLasting = !!(globalThis.crypto?.subtle && globalThis.indexedDB && isSecureContext);

let base = null, key = null, number = 0;
/** Whether what waits outlives this page. */
export const lasts = () => isLasting && !!key;
let held = []; // without sealing: entries in memory

const done = (request) => new Promise((good, bad) => {
  request.onsuccess = () => good(request.result);
  request.onerror = () => bad(request.error);
});
const ended = (turn) => new Promise((good, bad) => {
  turn.oncomplete = () => good();
  turn.onerror = turn.onabort = () => bad(turn.error);
});

async function opened() {
  if (base) return base;
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("kept", { keyPath: "id", autoIncrement: true });
    request.result.createObjectStore("one");
  };
  base = await done(request);
  base.onversionchange = () => { base.close(); base = null; };
  return base;
}
async function one(name, value) {
  const turn = (await opened()).transaction("one", value === undefined ? "readonly" : "readwrite");
  if (value === undefined) return done(turn.objectStore("one").get(name));
  turn.objectStore("one").put(value, name);
  return ended(turn);
}
async function seal(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}
const unseal = ({ iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);
const written = (value) => new TextEncoder().encode(JSON.stringify(value));
const read = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

/** Open the store for who is signed in ("" where the page does not know). Another's entries are erased; returns how many. */
export async function open(owner) {
  localStorage.removeItem(OLD); // presses once lay there unsealed
  if (!isLasting) return 0;
  let foreign = 0;
  const before = await one("owner");
  if (owner && before && before !== owner) { foreign = (await rows()).length; await erase(); }
  key = await one("key");
  if (!key && owner) {
    key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await one("key", key);
    await one("owner", owner);
  }
  return foreign;
}

async function rows() {
  const turn = (await opened()).transaction("kept");
  return done(turn.objectStore("kept").getAll());
}

/** Keep an entry; ``blob`` is a photo's or voice note's bytes. Raises where nothing more is kept. */
export async function keep(entry, blob = null) {
  const size = blob ? blob.byteLength : 0;
  const now = await all();
  if (now.length >= MOST || now.reduce((sum, e) => sum + e.size, size) > MOST_BYTES) throw new Error("full");
  if (!isLasting || !key) { held.push({ ...entry, id: ++number, size, blob }); return number; }
  const row = { at: entry.at, size, meta: await seal(written(entry)), blob: blob && await seal(blob) };
  const turn = (await opened()).transaction("kept", "readwrite", { durability: "strict" });
  const put = turn.objectStore("kept").add(row);
  await ended(turn);
  return put.result;
}

/** Everything that waits, oldest first, without the bytes of photos. */
export async function all() {
  if (!isLasting || !key) return held.map((e) => ({ ...e, blob: null }));
  const found = [];
  for (const row of await rows()) {
    try { found.push({ ...read(await unseal(row.meta)), id: row.id, size: row.size }); } catch { await drop(row.id); }
  }
  return found;
}

export async function bytesOf(id) {
  if (!isLasting || !key) return held.find((e) => e.id === id)?.blob || null;
  const row = await done((await opened()).transaction("kept").objectStore("kept").get(id));
  return row?.blob ? unseal(row.blob) : null;
}

export async function drop(id) {
  held = held.filter((e) => e.id !== id);
  if (!isLasting) return;
  const turn = (await opened()).transaction("kept", "readwrite");
  turn.objectStore("kept").delete(id);
  await ended(turn);
}

/** What was last seen, for the page without contact; null forgets it. */
async function last(name, value) {
  if (!isLasting || !key) return null;
  if (value !== undefined) return one(name, value && await seal(written(value)));
  const sealed = await one(name);
  return sealed ? read(await unseal(sealed)) : null;
}
/** The job last seen: number, type, place and state. */
export const job = (value) => last("job", value);
/** The visits last seen: number, type, place, colour and when each is due. */
export const visits = (value) => last("visits", value);

/** Nothing of it is left: entries, job and the key itself. */
export async function erase() {
  held = []; key = null;
  if (!isLasting) return;
  const turn = (await opened()).transaction(["kept", "one"], "readwrite");
  turn.objectStore("kept").clear();
  turn.objectStore("one").clear();
  await ended(turn);
}
