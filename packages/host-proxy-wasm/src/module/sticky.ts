/** What the connections of the sticky route share. */
import {
  type Codec,
  defaultLimits,
  encodeUtf8,
  Journal,
  type Limits,
  noSecurity,
  type RoutingTable,
  type RunningCodec,
  type SessionCodec,
} from "@echarde/core";
import type { Records } from "./records.ts";
import type { Settings, SourceRules } from "./settings.ts";
import { type StickyProfile, stickyProfile } from "./sticky-profile.ts";

/** What all sticky connections of a configuration share. */
export class Sticky {
  /** The newest table. */
  table: RoutingTable;
  /** See {@link StickyProfile}. */
  readonly profile: StickyProfile;
  /** See {@link SourceRules}. */
  readonly sources: SourceRules;
  /** Most bytes of a request that is looked at as a whole. */
  readonly maxRequest: number;
  /** Those of the profile's names that the codec, with its options, reads the same way. */
  readonly oneKey: readonly string[];
  readonly #running: RunningCodec;

  constructor({ codec, table, limits: given, sources }: Settings) {
    this.table = table;
    this.sources = sources;
    this.profile = stickyProfile(codec.name);
    const limits: Limits = { ...defaultLimits, ...given };
    this.maxRequest = limits.maxRequest;
    this.#running = running(codec, this, limits);
    this.oneKey = this.profile.oneKey.filter((name) => hasOneKey(this.reader(0), name));
  }

  /** Another table for connections that stand. */
  swap(table: RoutingTable): void {
    this.table = table;
  }

  /** Reads requests; knows nothing of those before. */
  reader(now: number): SessionCodec {
    const wake = (): void => {};
    return this.#running.session({ id: 0, now, journal: Journal.empty, wake });
  }
}

function running(codec: Codec, sticky: Sticky, limits: Limits): RunningCodec {
  return codec.start({
    get table(): RoutingTable {
      return sticky.table;
    },
    limits,
    records: null,
    keepsValues: false,
    security: { ...noSecurity, passes: false }, // the cluster judges passwords: AUTH passes
    keep: (bytes) => bytes.slice(),
  });
}

function hasOneKey(reader: SessionCodec, name: string): boolean {
  const request = sample(name);
  reader.request(request, 0);
  const keys = reader.keys(request);
  return keys.length === 1 && keys[0]?.length === 1 && keys[0][0] === 97;
}

/** A request in RESP, the first of its arguments "a". */
export function sample(name: string, args: readonly string[] = ["a", "b", "c", "d"]): Uint8Array {
  const words = [name, ...args].map((word) => `$${word.length}\r\n${word}\r\n`);
  return encodeUtf8(`*${words.length}\r\n${words.join("")}`);
}

/** Has Envoy connect to the cluster: once for each connection. */
export function bindTo(records: Records, cluster: string): void {
  records.foreign("set_envoy_filter_state", filterState(cluster));
}

/** Argument of `set_envoy_filter_state`: protobuf 1 = key, 2 = value. */
function filterState(cluster: string): Uint8Array {
  const field = (number: number, text: string): number[] => {
    const bytes = encodeUtf8(text);
    return [(number << 3) | 2, bytes.length, ...bytes];
  };
  return Uint8Array.from([...field(1, "envoy.tcp_proxy.cluster"), ...field(2, cluster)]);
}
