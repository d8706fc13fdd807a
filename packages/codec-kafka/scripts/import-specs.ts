/**
 * Writes specs/messages.json: the message specifications of Apache Kafka that the codec needs,
 * without their prose. Reads the folder that `unzip kafka-clients-VERSION.jar 'common/message/*'`
 * has filled:
 *
 *     pnpm import-specs VERSION FOLDER/common/message
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiCaps } from "./api-list.ts";
import type { Field, Spec } from "./specs.ts";

const [version, folder] = process.argv.slice(2);
if (version === undefined || folder === undefined) throw new Error("give a version and a folder");

function plain<T extends { readonly fields?: readonly Field[] }>(node: T): T {
  const { about: _, ...rest } = node as T & { about?: string };
  if (rest.fields === undefined) return rest as unknown as T;
  return { ...rest, fields: rest.fields.map(plain) } as unknown as T;
}

function read(name: string): Spec {
  const text = readFileSync(join(folder ?? "", `${name}.json`), "utf8");
  const spec = JSON.parse(text.replace(/^\s*\/\/.*$/gm, "")) as Spec;
  return plain({ ...spec, commonStructs: (spec.commonStructs ?? []).map(plain) });
}

function rowsOf(specs: readonly Spec[]): string {
  return specs.map((spec) => `    ${JSON.stringify(spec)}`).join(",\n");
}

const messages = [...apiCaps.keys()].flatMap((api) => [
  read(`${api}Request`),
  read(`${api}Response`),
]);
// Of an API that is not spoken: how it is refused.
const refused = readdirSync(folder)
  .map((file) => /^(\w+)Response\.json$/.exec(file)?.[1] ?? "")
  .filter((api) => api !== "" && !apiCaps.has(api))
  .map((api) => read(`${api}Response`))
  .sort((a, b) => a.apiKey - b.apiKey);
writeFileSync(
  new URL("../specs/messages.json", import.meta.url),
  `{\n  "kafka": ${JSON.stringify(version)},\n  "messages": [\n${rowsOf(messages)}\n  ],\n  "refused": [\n${rowsOf(refused)}\n  ]\n}\n`,
);
