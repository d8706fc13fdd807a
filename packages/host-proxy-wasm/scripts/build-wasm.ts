// pnpm build:wasm [-- CODEC…]: writes dist/echarde-<codecs>.wasm (default: redis).
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildModule, moduleFile } from "./build/build-module.ts";

const given = process.argv.slice(2).filter((arg) => arg !== "--");
const codecs = given.length > 0 ? given : ["redis"];
const folder = fileURLToPath(new URL("../dist/", import.meta.url));
mkdirSync(folder, { recursive: true });
const started = performance.now();
const module = await buildModule({ codecs });
writeFileSync(`${folder}${moduleFile(codecs)}`, module);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(`dist/${moduleFile(codecs)}: ${module.length} bytes, ${seconds} s\n`);
