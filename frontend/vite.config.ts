import { defineConfig, type Plugin } from "vite";

/** Modules every page shares stay where they are, so that there is one clock and one stream. */
function shared(): Plugin {
  return {
    name: "anlan-shared",
    enforce: "pre",
    resolveId: (id) =>
      id.startsWith("@static/") ? { id: id.replace("@static/", "/static/"), external: "absolute" } : null,
  };
}

// The built files go where Django looks for static files; their names carry a hash, the manifest names them.
export default defineConfig({
  base: "/static/console/island/",
  publicDir: false,
  plugins: [shared()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    outDir: "../src/anlan/console/static/console/island",
    emptyOutDir: true,
    assetsDir: "",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: { main: "src/main.ts", wall: "src/wall/main.ts", replay: "src/replay/main.ts", patrol: "src/patrol/main.ts" } },
  },
});
