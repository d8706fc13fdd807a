import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { codecTemplate } from "./codec-template.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** `echarde new codec NAME`: lays out a package in a new folder of that name. Resolves with the exit code. */
export async function newCodec(name: string, output: Output): Promise<number> {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name)) {
    output.err("echarde: a codec's name is small letters and digits, with hyphens between words");
    return exitCodes.usage;
  }
  try {
    await mkdir(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    output.err(`echarde: ${name} is there already`);
    return exitCodes.failed;
  }
  const { version } = createRequire(import.meta.url)("@echarde/host-node/package.json") as {
    version: string;
  };
  for (const [file, text] of codecTemplate(name, version)) {
    const path = join(name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    output.out(path);
  }
  output.out(`\ncd ${name} && npm install && npm test`);
  return exitCodes.ok;
}
