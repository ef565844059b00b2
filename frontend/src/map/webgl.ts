// Asked before the map program is loaded, so it stands apart from it.

/** Whether this browser can draw a map at all. */
export function canDraw(): boolean {
  try {
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2");
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(gl);
  } catch {
    return false;
  }
}
