// One connection to the live stream that comes back by itself, whatever ended it.
const KINDS = ["hello", "beat", "change", "positions", "reload"];
const FIRST_WAIT_MS = 2_000, LONGEST_WAIT_MS = 60_000;

/** Open it: ``told`` hears each message with its place, ``status`` hears "open" and "error". */
export function openLine(url, told, status) {
  const address = url.split("?")[0];
  let source, timer = 0, place = "", wait = FIRST_WAIT_MS;

  function connect(at) {
    source = new EventSource(at, { withCredentials: true });
    source.onopen = () => { wait = FIRST_WAIT_MS; status("open"); };
    source.onerror = () => {
      status("error");
      // After a broken line the browser comes back by itself, at a time of its own that the server gave it;
      // after a refusal (no room, the stream just restarting behind a proxy) it would stay away for good.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(() => connect(place ? `${address}?after=${encodeURIComponent(place)}` : url), wait * (0.5 + Math.random()));
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (e) => {
        place = e.lastEventId || place;
        told({ kind, id: e.lastEventId, data: e.data }, place);
      });
    }
  }

  connect(url);
  return {
    leadsTo: (other) => other.split("?")[0] === address && source.readyState !== EventSource.CLOSED,
    close() { clearTimeout(timer); source.close(); },
  };
}
