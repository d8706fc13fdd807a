/**
 * Codecs with one error put in, judged by the public kit.
 *
 * ```
 *   sources ─▶ one line changed ─▶ bundle of codec, core and kit ─▶ every rule of the kit
 *                                                                      └▶ the first that is broken
 * ```
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ComplianceCheck } from "@echarde/testkit";
import { build, type Plugin } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** One error. */
export interface Mutant {
  /** What is wrong. */
  readonly name: string;
  /** Where, from the root of the workspace. */
  readonly file: string;
  /** Text that stands there once. */
  readonly find: string;
  /** What stands there instead. */
  readonly put: string;
}

/** What an entry module exports: the rules for its codec, with this many random runs each. */
export interface Entry {
  checks(runs: number): readonly ComplianceCheck[];
}

/** The rule that was broken, and the kit's words. */
export interface Kill {
  readonly rule: string;
  readonly message: string;
}

/** Runs the rules on a mutant, null = on the sources as they are. Null when none is broken. */
export async function judge(
  entry: string,
  mutant: Mutant | null,
  runs: number,
): Promise<Kill | null> {
  const folder = await mkdtemp(join(tmpdir(), "echarde-mutant-"));
  try {
    const file = join(folder, "bundle.mjs");
    const result = await build({
      entryPoints: [join(root, "tests/mutants", entry)],
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      conditions: ["source"],
      write: false,
      logLevel: "silent",
      plugins: mutant === null ? [] : [change(mutant)],
    });
    await writeFile(file, result.outputFiles[0]?.contents ?? "");
    const { checks } = (await import(pathToFileURL(file).href)) as Entry;
    for (const { name, run } of checks(runs)) {
      try {
        run();
      } catch (error) {
        return { rule: name, message: error instanceof Error ? error.message : String(error) };
      }
    }
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function change({ name, file, find, put }: Mutant): Plugin {
  return {
    name: "mutant",
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (relative(root, path) !== file) return null;
        const text = await readFile(path, "utf8");
        const parts = text.split(find);
        if (parts.length !== 2) {
          throw new Error(
            `${name}: ${JSON.stringify(find)} stands ${parts.length - 1} times in ${file}`,
          );
        }
        return { contents: parts.join(put), loader: "ts" };
      });
    },
  };
}
