import type { Codec } from "@echarde/core";

/** The codec of a configuration's `protocol`, null when there is none (yet). Loads only the one asked for. */
export async function loadCodec(protocol: string): Promise<Codec | null> {
  const load = loaders[protocol];
  return load === undefined ? null : load();
}

/** Values of `protocol` that {@link loadCodec} knows. */
export function knownProtocols(): readonly string[] {
  return Object.keys(loaders);
}

const loaders: Readonly<Record<string, () => Promise<Codec>>> = {
  redis: async () => (await import("@echarde/codec-redis")).redis(),
};
