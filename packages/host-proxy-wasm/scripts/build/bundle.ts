/** The JavaScript that the module runs, in one script and as QuickJS' bytecode. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { QuickJS } from "quickjs-wasi";
import { quickjsModule } from "./link.ts";

/** Protocols that a module can be built for: each has a file that gives its codec. `faulty` is for tests. */
const knownCodecs: readonly string[] = ["faulty", "influx", "kafka", "mqtt", "redis"];

const plugin = fileURLToPath(new URL("../../src/module/plugin.ts", import.meta.url));

/** One script; its completion value is what the shim works with. */
export async function bundle(names: readonly string[]): Promise<string> {
  const imports = names.map((name, index) => {
    if (!knownCodecs.includes(name))
      throw new RangeError(`no codec ${name}; known: ${knownCodecs.join(", ")}`);
    const file = fileURLToPath(new URL(`../codec-${name}.ts`, import.meta.url));
    return `import { codec as codec${index} } from ${JSON.stringify(file)};`;
  });
  const contents = [
    `import { plugin } from ${JSON.stringify(plugin)};`,
    ...imports,
    `globalThis.__echarde = plugin([${names.map((_, index) => `codec${index}`).join(", ")}]);`,
  ].join("\n");
  const { outputFiles } = await build({
    stdin: {
      contents,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      sourcefile: "entry.js",
    },
    ...{ bundle: true, write: false, minify: true, format: "iife", target: "es2022" },
    platform: "neutral",
    conditions: ["source"],
    footer: { js: "globalThis.__echarde;" },
    logLevel: "silent",
  });
  return outputFiles?.[0]?.text ?? "";
}

/** The script as bytecode, without its source and its lines. */
export async function compile(script: string): Promise<Uint8Array> {
  const vm = await QuickJS.create({ wasm: Uint8Array.from(quickjsModule()) });
  try {
    return vm.compile(script, "echarde.js", 0, (1 << 4) | (1 << 5)).slice();
  } finally {
    vm.dispose();
  }
}
