// From a fresh clone with Node and npm alone to a workspace in which everything runs. Plain Node,
// no dependency. Says nothing when nothing is to be done.
//
//   node scripts/setup.mjs [SERVER...]     set up, and get the servers that are named
import "./node-version.mjs";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { cache, readJson, root } from "./paths.mjs";
import { fail, runCaptured, runInherited, say } from "./run.mjs";
import { ensureServer, howToGet, servers } from "./servers.mjs";

export { ensureServer } from "./servers.mjs";

/** The version of pnpm that package.json pins. */
export const pnpmVersion =
  String(readJson(join(root, "package.json")).packageManager).split("@")[1] ?? "";

const stampFile = join(root, "node_modules", ".echarde-setup");

/**
 * Installs the dependencies when the lock file is not the one that they were installed from.
 * Ends the process with a message when that fails.
 */
export function setup() {
  const stamp = currentStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  say("Installing the dependencies (once per change of pnpm-lock.yaml)…");
  const args = ["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"];
  if (!process.stderr.isTTY) args.push("--reporter=append-only");
  const status = runPnpm(args);
  if (status !== 0) {
    fail(
      `Installing the dependencies failed (pnpm ended with status ${status}); its messages stand above.`,
      "Without a network: the registry has to be reachable once. After a change of a package.json:",
      "`node scripts/pnpm.mjs install` brings pnpm-lock.yaml up to date.",
    );
  }
  writeFileSync(stampFile, stamp);
}

/**
 * Runs the pinned pnpm with our own stdio.
 * @param {readonly string[]} args
 * @returns {number} exit status
 */
export function runPnpm(args) {
  const [command, ...before] = pnpmCommand();
  return runInherited(/** @type {string} */ (command), [...before, ...args], {
    env: pnpmEnvironment,
  });
}

/**
 * Runs the pinned pnpm and keeps what it prints.
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
export function capturePnpm(args, cwd) {
  const [command, ...before] = pnpmCommand();
  return runCaptured(/** @type {string} */ (command), [...before, ...args], {
    env: pnpmEnvironment,
    ...(cwd === undefined ? {} : { cwd }),
  });
}

// npm exports its settings to what it runs; pnpm would take them for its own and warn.
const pnpmEnvironment = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) =>
      /^npm_(package|lifecycle|config_(?!registry|cafile|cache|proxy|https_proxy))/i.test(name),
    )
    .map((name) => [name, undefined]),
);

/** @type {string[] | undefined} */
let foundPnpm;

/**
 * The pinned pnpm: the one in PATH when it is that very version, else a copy in .cache. Neither
 * corepack (gone from newer Nodes) nor a global install.
 * @returns {string[]} command and first arguments
 */
function pnpmCommand() {
  if (foundPnpm) return foundPnpm;
  const local = join(cache, `pnpm-${pnpmVersion}`);
  const script = join(local, "node_modules", "pnpm", "bin", "pnpm.cjs");
  if (existsSync(script)) {
    foundPnpm = [process.execPath, script];
  } else if (runCaptured("pnpm", ["--version"]).output.trim() === pnpmVersion) {
    foundPnpm = ["pnpm"];
  } else {
    say(`Getting pnpm ${pnpmVersion} into ${basename(cache)}/ …`);
    rmSync(local, { recursive: true, force: true });
    mkdirSync(local, { recursive: true });
    writeFileSync(join(local, "package.json"), '{ "private": true }\n');
    const [command, ...before] = npmCommand();
    const { status, output } = runCaptured(
      /** @type {string} */ (command),
      [
        ...before,
        "install",
        "--prefix",
        local,
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--ignore-scripts",
        `pnpm@${pnpmVersion}`,
      ],
      { cwd: local },
    );
    if (status !== 0 || !existsSync(script)) {
      rmSync(local, { recursive: true, force: true });
      fail(
        output.trim(),
        `Could not get pnpm ${pnpmVersion} from the npm registry (npm ended with status ${status}).`,
      );
    }
    foundPnpm = [process.execPath, script];
  }
  return foundPnpm;
}

/** @returns {string[]} npm as it called us, or the one in PATH */
function npmCommand() {
  const caller = process.env["npm_execpath"];
  if (caller && basename(caller) === "npm-cli.js") return [process.execPath, caller];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

function currentStamp() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"])
    hash.update(readFileSync(join(root, file)));
  return `${hash.digest("hex")} pnpm-${pnpmVersion} ${process.platform}-${process.arch}\n`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in servers));
  if (unknown.length > 0) {
    fail(`unknown: ${unknown.join(", ")}; known servers: ${Object.keys(servers).join(", ")}`);
  }
  setup();
  for (const name of names) {
    const result = ensureServer(name);
    if (result.problem !== undefined) fail(...howToGet(result));
    say(`${name} ${result.version}: ${result.path}`);
  }
}
