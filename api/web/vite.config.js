// Every file src/*.js is an island with an entry of its own; what they share stands in src/parts/.
import { readdirSync } from "node:fs";
import { defineConfig } from "vite";
import { collectLicenses } from "./licenses.js";

const islands = readdirSync("src").filter((name) => name.endsWith(".js")).sort();

export default defineConfig({
  base: "/static/built/",
  publicDir: false,
  plugins: [collectLicenses()],
  build: {
    outDir: "built",
    assetsDir: "",
    manifest: "manifest.json",
    // The content policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Swagger's bundle is one piece of over a megabyte; it is loaded by /docs alone.
    chunkSizeWarningLimit: 2000,
    target: "es2022",
    rolldownOptions: { input: islands.map((name) => `src/${name}`) },
  },
});
