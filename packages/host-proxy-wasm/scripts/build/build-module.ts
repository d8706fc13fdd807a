/**
 * Builds the Proxy-Wasm module: from npm packages alone, the same bytes each time.
 *
 * ```
 *   core, codecs, plug-in ─esbuild▶ script ─QuickJS▶ bytecode ┐
 *   shim ─asc▶ + quickjs.wasm ─wasm-merge▶ one module ────────┴─snapshot▶ ─wasm-opt▶ echarde-redis.wasm
 * ```
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** The module for tests: built once for what it is built from, or the file that ECHARDE_WASM names. */
export async function testModule(): Promise<Uint8Array> {
  const given = process.env["ECHARDE_WASM"];
  if (given !== undefined) return readFileSync(given);
  const cache = fileURLToPath(new URL("../../../../.cache/proxy-wasm/", import.meta.url));
  return buildModule({ codecs: ["redis"], cache });
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
  if (existsSync(file)) return readFileSync(file);
  const module = await make(script);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, module);
  renameSync(`${file}.${process.pid}`, file); // others may be building it at the same time
  return module;
}

async function make(script: string): Promise<Uint8Array> {
  const module = optimise(await snapshot(link(), await compile(script)));
  await checkModule(module);
  return module;
}
