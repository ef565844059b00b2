// Holds the browser's one connection to /live and hands every message to all tabs.
import { openLine } from "./line.js";

const ports = new Set();
let line = null, last = null, place = "";

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function connect(url) {
  line = openLine(url,
    (message, reached) => { place = reached || place; tell(message); },
    (status) => { last = status; tell({ status }); });
}

onconnect = (connected) => {
  const port = connected.ports[0];
  ports.add(port);
  port.onmessage = (e) => {
    if (e.data.bye) {
      ports.delete(port);
      if (!ports.size && line) { line.close(); line = null; }
      return;
    }
    ports.add(port);
    if (!line?.leadsTo(e.data.url)) { line?.close(); connect(e.data.url); }
    // A tab that joins an open stream is told how far the stream is: what it was drawn before may be older.
    else if (last) port.postMessage({ status: last, place });
  };
};
