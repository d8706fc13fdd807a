/**
 * Writes specs/messages.json: the message specifications of Apache Kafka that the codec needs,
 * without their prose. Reads the folder that `unzip kafka-clients-VERSION.jar 'common/message/*'`
 * has filled:
 *
 *     pnpm import-specs VERSION FOLDER/common/message
 */
import { readFileSync, writeFileSync } from "node:fs";
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

const specs = [...apiCaps.keys()].flatMap((api) =>
  ["Request", "Response"].map((kind): Spec => {
    const text = readFileSync(join(folder, `${api}${kind}.json`), "utf8");
    const spec = JSON.parse(text.replace(/^\s*\/\/.*$/gm, "")) as Spec;
    return plain({
      ...spec,
      commonStructs: (spec.commonStructs ?? []).map(plain),
    });
  }),
);
const rows = specs.map((spec) => `    ${JSON.stringify(spec)}`).join(",\n");
writeFileSync(
  new URL("../specs/messages.json", import.meta.url),
  `{\n  "kafka": ${JSON.stringify(version)},\n  "messages": [\n${rows}\n  ]\n}\n`,
);
