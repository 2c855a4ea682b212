// Writes LICENSES.txt: the licence of every package that went into the bundle, and of what those packages hold bundled.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of a package in node_modules, from the address of one of its modules. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

export function collectLicenses() {
  return {
    name: "collect-licenses",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? []);
      const folders = new Set(modules.map((id) => id.replaceAll("\\", "/").match(PACKAGE)?.[0]).filter(Boolean));
      // A set that grows while it is walked: packages come with those they depend on.
      for (const folder of folders) {
        for (const name of Object.keys(describe(folder).dependencies ?? {})) {
          const found = [join(folder, "node_modules", name), join("node_modules", name)].find(existsSync);
          if (found) folders.add(found.replaceAll("\\", "/"));
        }
      }
      const notices = new Map([...folders].map((folder) => [describe(folder).name, writeNotice(folder)]));
      const text = [...notices.keys()].sort().map((name) => notices.get(name)).join("\n");
      this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: text });
    },
  };
}

function describe(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function writeNotice(folder) {
  const { name, version, license, author } = describe(folder);
  const by = typeof author === "string" ? author : author?.name;
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)|\.license\.txt$/i.test(file)).sort();
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  const head = `${name} ${version}\nLicence: ${license ?? "see below"}${by ? `\nBy: ${by}` : ""}`;
  return [`${"=".repeat(78)}\n${head}`, ...texts].join("\n\n") + "\n";
}
