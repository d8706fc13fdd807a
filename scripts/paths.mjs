// Where things are. Node only, no dependency: these scripts run before anything is installed.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root folder of the workspace. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Scratch folder inside the clone; ignored by git, safe to delete. */
export const cache = join(root, ".cache");

/**
 * @param {string} path
 * @returns {any} the parsed file
 */
export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * Lists files below a folder, sorted, so that every run sees the same order.
 * @param {string} folder relative to the root
 * @param {(path: string) => boolean} wanted gets the path relative to the root, with `/`
 * @returns {string[]} paths relative to the root, with `/`
 */
export function listFiles(folder, wanted) {
  /** @type {string[]} */
  const found = [];
  /** @type {(at: string) => void} */
  const walk = (at) => {
    let entries;
    try {
      entries = readdirSync(join(root, at), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = `${at}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && entry.name !== "dist" && !entry.name.startsWith(".")) {
          walk(path);
        }
      } else if (wanted(path)) {
        found.push(path);
      }
    }
  };
  walk(folder);
  return found.sort();
}

/**
 * @typedef {object} Package
 * @property {string} folder relative to the root
 * @property {string} name
 * @property {boolean} isPrivate not published
 * @property {any} manifest its package.json
 */

/** @returns {Package[]} the packages below packages/, sorted by folder */
export function listPackages() {
  return listFiles("packages", (path) => /^packages\/[^/]+\/package\.json$/.test(path)).map(
    (path) => {
      const manifest = readJson(join(root, path));
      return {
        folder: dirname(path),
        name: manifest.name,
        isPrivate: manifest.private === true,
        manifest,
      };
    },
  );
}
