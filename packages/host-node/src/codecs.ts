import type { Codec } from "@echarde/core";

/** What the command line needs of a protocol. */
export interface Protocol {
  /** Its codec; the options of the table count. */
  readonly codec: Codec;
  /** A request as a person types it, in the bytes that a client sends. */
  encodeRequest(text: string): Uint8Array;
}

/** The protocol of a configuration, null when there is none of that name (yet). Loads only the one asked for. */
export async function loadProtocol(name: string): Promise<Protocol | null> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return load === undefined ? null : load();
}

/** Names that {@link loadProtocol} knows. */
export function knownProtocols(): readonly string[] {
  return Object.keys(loaders);
}

const loaders: Readonly<Record<string, () => Promise<Protocol>>> = {
  redis: async () => ({
    codec: (await import("@echarde/codec-redis")).redis(),
    encodeRequest: (text) => {
      const words = wordsOf(text).map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      return Buffer.from(`*${words.length}\r\n${words.join("")}`);
    },
  }),
};

/** Words between spaces; one in double quotes may hold spaces and the escapes of JSON. */
function wordsOf(text: string): string[] {
  return (text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map((word) => {
    if (!word.startsWith('"')) return word;
    try {
      return String(JSON.parse(word));
    } catch {
      return word;
    }
  });
}
