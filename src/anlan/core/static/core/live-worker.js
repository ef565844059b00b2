// Holds the browser's one connection to /live and hands every message to all tabs.
const ports = new Set();
let source = null, address = "", last = null, place = "";

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function connect(url) {
  address = url.split("?")[0];
  source = new EventSource(url, { withCredentials: true });
  source.onopen = () => { last = "open"; tell({ status: "open" }); };
  source.onerror = () => { last = "error"; tell({ status: "error" }); };
  for (const kind of ["hello", "beat", "change", "positions", "reload"]) {
    source.addEventListener(kind, (e) => {
      place = e.lastEventId || place;
      tell({ kind, id: e.lastEventId, data: e.data });
    });
  }
}

onconnect = (connected) => {
  const port = connected.ports[0];
  ports.add(port);
  port.onmessage = (e) => {
    if (e.data.bye) {
      ports.delete(port);
      if (!ports.size && source) { source.close(); source = null; }
      return;
    }
    ports.add(port);
    const closed = !source || source.readyState === EventSource.CLOSED;
    if (closed || address !== e.data.url.split("?")[0]) { source?.close(); connect(e.data.url); }
    // A tab that joins an open stream is told how far the stream is: what it was drawn before may be older.
    else if (last) port.postMessage({ status: last, place });
  };
};
