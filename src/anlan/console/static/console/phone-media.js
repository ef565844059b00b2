// A photo drawn anew on the phone, so that place, time and camera never leave it; a voice note of a minute.
// Nothing in picture or sound is looked at.
const LONG_EDGE = 2048, QUALITY = 0.82;
export const LONGEST_S = 60;
// The first that this phone records: iPhones know MP4 alone. The server looks at the bytes, whatever is said here.
const SOUND = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4"]
  .find((type) => globalThis.MediaRecorder?.isTypeSupported(type));

/** The picture of a file as JPEG bytes: its pixels, upright, and nothing else. */
export async function photo(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const shrink = Math.min(1, LONG_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * shrink));
  canvas.height = Math.max(1, Math.round(picture.height * shrink));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((good) => canvas.toBlob(good, "image/jpeg", QUALITY));
  if (!blob) throw new Error("not drawn");
  return blob.arrayBuffer();
}

/** Whether this phone can record here: it needs a secure address and a recorder of a kind the server takes. */
export const canRecord = !!(navigator.mediaDevices?.getUserMedia && SOUND);

/** Start recording; ``finish(true)`` gives the bytes, ``finish(false)`` throws them away. Ends itself after a minute. */
export async function record(onEnd) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: SOUND, audioBitsPerSecond: 32_000 });
  const parts = [];
  let wanted = true;
  recorder.ondataavailable = (e) => parts.push(e.data);
  recorder.onstop = async () => {
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
    onEnd(wanted && parts.length ? await new Blob(parts).arrayBuffer() : null);
  };
  const timer = setTimeout(() => recorder.state !== "inactive" && recorder.stop(), LONGEST_S * 1000);
  recorder.start(1000);
  return (keep) => { wanted = keep; if (recorder.state !== "inactive") recorder.stop(); };
}
