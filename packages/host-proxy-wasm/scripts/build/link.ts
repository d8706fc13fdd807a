/** The shim, and its marriage with QuickJS: one module with one memory. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const shimFolder = fileURLToPath(new URL("../../assembly/", import.meta.url));

const features: readonly string[] = [
  ...["bulk-memory", "sign-ext", "mutable-globals", "nontrapping-float-to-int"],
  ...["reference-types", "multivalue", "extended-const"],
].map((name) => `--enable-${name}`);

/** The shim as it is written. */
export function shimSource(): string {
  const files = readdirSync(shimFolder).sort();
  return files.map((file) => readFileSync(join(shimFolder, file), "utf8")).join("\n");
}

/** The module of QuickJS. */
export function quickjsModule(): Uint8Array {
  return readFileSync(fileURLToPath(import.meta.resolve("quickjs-wasi/quickjs.wasm")));
}

/** QuickJS and the shim in one module. */
export function link(): Uint8Array {
  const quickjs = quickjsModule();
  return inFolder((folder) => {
    const [qjs, shim, merged] = ["qjs", "shim", "merged"].map((name) =>
      join(folder, `${name}.wasm`),
    ) as [string, string, string];
    writeFileSync(qjs, renamed(quickjs, "env", "shm", hostImports));
    node(require.resolve("assemblyscript/bin/asc.js"), [
      ...[join(shimFolder, "shim.ts"), "-O3", "--runtime", "stub"],
      ...["--importMemory", "--noExportMemory", "--noAssert", "-o", shim],
    ]);
    writeFileSync(shim, renamed(readFileSync(shim), "env", "qjs", ["memory"]));
    node(binaryen("wasm-merge"), [...features, qjs, "qjs", shim, "shm", "-o", merged]);
    return readFileSync(merged);
  });
}

/** Makes it small and fast. */
export function optimise(module: Uint8Array): Uint8Array {
  return inFolder((folder) => {
    const [from, to] = [join(folder, "from.wasm"), join(folder, "to.wasm")];
    writeFileSync(from, module);
    node(binaryen("wasm-opt"), [...features, "-O3", from, "-o", to]);
    return readFileSync(to);
  });
}

const hostImports: readonly string[] = [
  ...["host_get_timezone_offset", "host_interrupt", "host_promise_rejection"],
  ...["host_module_normalize", "host_module_load", "host_call"],
];

/** Renames the module of imports: names of equal length, so bytes are put in place of bytes. */
function renamed(
  module: Uint8Array,
  from: string,
  to: string,
  names: readonly string[],
): Uint8Array {
  const bytes = Buffer.from(module);
  for (const name of names) {
    const entry = (of: string): Buffer =>
      Buffer.from(`${String.fromCharCode(3)}${of}${String.fromCharCode(name.length)}${name}`);
    const at = bytes.indexOf(entry(from));
    if (at < 0 || bytes.indexOf(entry(from), at + 1) >= 0)
      throw new Error(`import ${from}.${name} does not stand in the module exactly once`);
    entry(to).copy(bytes, at);
  }
  return bytes;
}

function binaryen(tool: string): string {
  return join(dirname(require.resolve("binaryen/package.json")), "bin", tool);
}

function node(script: string, args: readonly string[]): void {
  execFileSync(process.execPath, [script, ...args], { stdio: ["ignore", "ignore", "inherit"] });
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "echarde-link-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
