/**
 * Codecs with one error put in, judged by the public kit.
 *
 * ```
 *   sources ─▶ one line changed ─▶ bundle of codec, core and kit ─▶ every rule of the kit
 *                                                                      └▶ the first that is broken
 * ```
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ComplianceCheck } from "@echarde/testkit";
import { build, type Plugin, type StdinOptions } from "esbuild";

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

/** Runs test files on a mutant, null = on the sources as they are. Null when all of them pass. */
export async function judgeByTests(
  files: readonly string[],
  mutant: Mutant | null,
): Promise<Kill | null> {
  const folder = await mkdtemp(join(tmpdir(), "echarde-mutant-"));
  try {
    const bundle = join(folder, "bundle.mjs");
    const contents = files.map((file) => `import ${JSON.stringify(join(root, file))};`).join("\n");
    await writeFile(bundle, await bundled({ contents, resolveDir: root }, mutant));
    const { failed, output } = await new Promise<{ failed: boolean; output: string }>((resolve) => {
      // A mutant that never comes to an end is found, too.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env; // it is not a part of this run
      const options = { timeout: 120_000, env };
      execFile(process.execPath, ["--test-reporter=tap", bundle], options, (error, stdout) =>
        resolve({ failed: error !== null, output: stdout }),
      );
    });
    if (!failed) return null;
    const names = [...output.matchAll(/not ok \d+ - (.*)/g)].map(([, name]) => name ?? "");
    return { rule: names[0] ?? "it ends", message: names[0] ?? "it ends" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
    const contents = `export * from ${JSON.stringify(join(root, "tests/mutants", entry))};`;
    await writeFile(file, await bundled({ contents, resolveDir: root }, mutant));
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

async function bundled(stdin: StdinOptions, mutant: Mutant | null): Promise<Uint8Array> {
  const result = await build({
    stdin,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["source"],
    write: false,
    logLevel: "silent",
    ignoreAnnotations: true, // a test has effects and no exports
    plugins: mutant === null ? [] : [change(mutant)],
  });
  return result.outputFiles[0]?.contents ?? new Uint8Array(0);
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
