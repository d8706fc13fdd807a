/**
 * Builds the Proxy-Wasm module: from npm packages alone, the same bytes each time.
 *
 * ```
 *   core, codecs, plug-in ─esbuild▶ script ─QuickJS▶ bytecode ┐
 *   shim ─asc▶ + quickjs.wasm ─wasm-merge▶ one module ────────┴─snapshot▶ ─wasm-opt▶ echarde-redis.wasm
 * ```
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundle, compile } from "./bundle.ts";
import { checkModule } from "./check-module.ts";
import { link, optimise, quickjsModule, shimSource } from "./link.ts";
import { snapshot } from "./snapshot.ts";

/** How to build. */
export interface BuildOptions {
  /** Protocols of the module. */
  readonly codecs: readonly string[];
  /** Folder in which what was built is found again, by what it was built from. */
  readonly cache?: string;
}

/** Name of the file for these protocols. */
export function moduleFile(codecs: readonly string[]): string {
  return `echarde-${[...codecs].sort().join("-")}.wasm`;
}

/** The module for tests, of these protocols or Redis: built once for what it is built from, or the file that ECHARDE_WASM names. */
export async function testModule(...codecs: readonly string[]): Promise<Uint8Array> {
  const given = process.env["ECHARDE_WASM"];
  if (given !== undefined) return readFileSync(given);
  const cache = fileURLToPath(new URL("../../../../.cache/proxy-wasm/", import.meta.url));
  return buildModule({ codecs: codecs.length > 0 ? codecs : ["redis"], cache });
}

/** Builds the module and checks it. Throws when a part of it is not as expected. */
export async function buildModule(options: BuildOptions): Promise<Uint8Array> {
  const names = [...options.codecs].sort();
  const script = await bundle(names);
  const { cache } = options;
  if (cache === undefined) return make(script);
  const hash = createHash("sha256").update(script).update(shimSource()).update(quickjsModule());
  for (const own of [make, snapshot, link, optimise]) hash.update(own.toString());
  const file = join(cache, `${hash.digest("hex").slice(0, 32)}-${moduleFile(names)}`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(file)) await once(file, async () => writeFileSync(file, await make(script)));
  return readFileSync(file);
}

/** One process builds; others wait for what it makes, and build when it has gone without making it. */
async function once(file: string, work: () => Promise<void>): Promise<void> {
  const lock = `${file}.lock`;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch {
      if (!isAlive(lock)) rmSync(lock, { force: true });
      await sleep(100);
      if (existsSync(file) && !existsSync(lock)) return;
    }
  }
  try {
    if (!existsSync(file)) await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAlive(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty for the moment between its making and its writing.
    if (pid !== 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function make(script: string): Promise<Uint8Array> {
  const module = optimise(await snapshot(link(), await compile(script)));
  await checkModule(module);
  return module;
}
