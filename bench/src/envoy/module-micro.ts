import type { TableSpec } from "@echarde/core";
import { encodeControl, FrameReader, frameHead } from "@echarde/host-proxy-wasm";
import { encodeCommand } from "@echarde/testkit/servers";
import { testModule } from "../../../packages/host-proxy-wasm/scripts/build/build-module.ts";
import {
  type Imports,
  webAssembly,
} from "../../../packages/host-proxy-wasm/scripts/build/web-assembly.ts";
import type { Micro, MicroLoop } from "../micro.ts";

const DOWNSTREAM = 2;
const UPSTREAM = 3;
const CONFIGURATION = 7;
const OK: Buffer = Buffer.from("+OK\r\n");
const ROOT = 1;
const CLIENT = 2;

/** What one request costs inside the module, in V8 as Envoy has it, without Envoy: calls of the host and copies included. */
export const moduleMicro: readonly Micro[] = [1, 16].flatMap((pipeline) => [
  {
    name: `module, sticky: 1 KiB SET, ${pipeline} a chunk, looked at`,
    open: () => loopOf("sticky", pipeline, prefixes),
  },
  {
    name: `module, frame: 1 KiB SET, ${pipeline} a chunk, there and back`,
    open: () => loopOf("frame", pipeline, prefixes),
  },
  {
    name: `module, frame: the same by slots over three clusters, ${pipeline} a chunk`,
    open: () => loopOf("frame", pipeline, slots),
  },
]);

async function loopOf(
  route: "frame" | "sticky",
  pipeline: number,
  table: TableSpec,
): Promise<MicroLoop> {
  const host = await LeanHost.start();
  host.configure(JSON.stringify({ route, table }));
  host.connect();
  const request = Buffer.concat(
    Array.from({ length: pipeline }, (_, i) =>
      encodeCommand("SET", `key:${String(i).padStart(12, "0")}`, Buffer.alloc(1024, "x")),
    ),
  );
  const replies = route === "frame" ? framed(host, request, pipeline) : null;
  return (iterations) => {
    for (let done = 0; done < iterations; done += pipeline) {
      host.send(DOWNSTREAM, request);
      if (replies !== null) host.send(UPSTREAM, replies);
    }
    if (host.fault !== 0) throw new Error(`host call ${host.fault} failed`);
  };
}

/** Opens the links with a first round, and gives the frames that answer each further one. */
function framed(host: LeanHost, request: Buffer, pipeline: number): Buffer {
  host.keeps = true;
  const first = counts(host.send(DOWNSTREAM, request));
  const links = [...first.keys()];
  const opened = links.map((link) => framesOf(link, encodeControl(["opened"]), true));
  const second = counts(host.send(UPSTREAM, Buffer.concat(opened)));
  const all = new Map([...first, ...second].filter(([, count]) => count > 0));
  if ([...all.values()].reduce((sum, count) => sum + count, 0) !== pipeline) {
    throw new Error(`the module sent ${JSON.stringify([...all])} for ${pipeline} requests`);
  }
  const frames = [...all].map(([link, count]) =>
    framesOf(link, Buffer.concat(Array.from({ length: count }, () => OK)), false),
  );
  const answer = Buffer.concat(frames);
  host.send(UPSTREAM, answer);
  host.keeps = false;
  return answer;
}

/** Requests by link in what goes to the bridge; 0 for a link that is opened. */
function counts(bytes: Buffer): Map<number, number> {
  const reader = new FrameReader();
  const found = new Map<number, number>();
  reader.append(bytes);
  while (reader.next()) {
    const sets = Buffer.from(reader.data).toString("latin1").split("*3\r\n").length - 1;
    found.set(reader.link, (found.get(reader.link) ?? 0) + sets);
  }
  found.delete(0);
  return found;
}

function framesOf(link: number, bytes: Uint8Array, control: boolean): Buffer {
  return Buffer.concat([frameHead(link, bytes.length, control), bytes]);
}

const clusters = {
  redis1: { endpoints: ["127.0.0.1:1"] },
  redis2: { endpoints: ["127.0.0.1:2"] },
  redis3: { endpoints: ["127.0.0.1:3"] },
};

const prefixes: TableSpec = {
  ...{ protocol: "redis", localCluster: "redis1", clusters },
  defaultCluster: "redis1",
  routes: [{ prefix: "elsewhere:", cluster: "redis2" }],
};

const slots: TableSpec = {
  ...{ protocol: "redis", localCluster: "redis1", clusters },
  routes: [{ hash: "crc16-slots", over: ["redis1", "redis2", "redis3"] }],
};

type Calls = Readonly<Record<string, (...args: number[]) => number>>;

/** Envoy's part with as little of its own cost as can be: one connection, what moves on is forgotten. */
class LeanHost {
  /** First status of a host call other than 0. */
  fault = 0;
  /** Whether what moves on is kept for the caller. */
  keeps = false;
  readonly #calls: Calls;
  readonly #memory: { readonly buffer: ArrayBuffer };
  #bytes: Buffer = Buffer.alloc(0);
  #of = 0;
  #kept: Buffer[] = [];
  #cache = new Uint8Array(0);
  #view = new DataView(new ArrayBuffer(0));

  private constructor(calls: Calls, memory: { readonly buffer: ArrayBuffer }) {
    this.#calls = calls;
    this.#memory = memory;
  }

  static async start(): Promise<LeanHost> {
    const compiled = await webAssembly.compile(await testModule());
    let host: LeanHost | null = null;
    const imports: Imports = {};
    const own: Readonly<Record<string, (...args: number[]) => number>> = {
      proxy_get_buffer_bytes: (type, from, length, at, size) =>
        host?.read(
          type as number,
          from as number,
          length as number,
          at as number,
          size as number,
        ) ?? 0,
      proxy_set_buffer_bytes: (type, from, length, at, size) =>
        host?.write(
          type as number,
          from as number,
          length as number,
          at as number,
          size as number,
        ) ?? 0,
      proxy_get_current_time_nanoseconds: (at) => host?.time(at as number) ?? 0,
    };
    for (const { module, name } of webAssembly.Module.imports(compiled)) {
      imports[module] ??= {};
      imports[module][name] = (own[name] ?? (() => 0)) as (...args: never[]) => unknown;
    }
    const { exports } = await webAssembly.instantiate(compiled, imports);
    host = new LeanHost(exports as Calls, exports["memory"] as { readonly buffer: ArrayBuffer });
    return host;
  }

  configure(text: string): void {
    this.#bytes = Buffer.from(text);
    this.#of = CONFIGURATION;
    this.#calls["proxy_on_context_create"]?.(ROOT, 0);
    if (this.#calls["proxy_on_configure"]?.(ROOT, this.#bytes.length) !== 1) {
      throw new Error("the module refuses its configuration");
    }
  }

  connect(): void {
    this.#calls["proxy_on_context_create"]?.(CLIENT, ROOT);
    this.#calls["proxy_on_new_connection"]?.(CLIENT);
  }

  /** One event; what the module wrote for the other side, while that is kept. */
  send(type: number, bytes: Buffer): Buffer {
    this.#bytes = bytes;
    this.#of = type;
    const call = type === DOWNSTREAM ? "proxy_on_downstream_data" : "proxy_on_upstream_data";
    this.#calls[call]?.(CLIENT, bytes.length, 0);
    if (!this.keeps) return this.#bytes;
    const kept = Buffer.concat(this.#kept);
    this.#kept = [];
    return kept;
  }

  read(type: number, from: number, length: number, at: number, size: number): number {
    if (type !== this.#of) return 1;
    const bytes =
      from === 0 && length >= this.#bytes.length
        ? this.#bytes
        : this.#bytes.subarray(from, from + length);
    const where = this.#calls["proxy_on_memory_allocate"]?.(bytes.length) ?? 0;
    this.#refresh();
    this.#cache.set(bytes, where);
    this.#view.setUint32(at, where, true);
    this.#view.setUint32(size, bytes.length, true);
    return 0;
  }

  write(type: number, from: number, _length: number, at: number, size: number): number {
    if (this.keeps && from !== 0 && type === DOWNSTREAM) {
      this.#refresh();
      this.#kept.push(Buffer.from(this.#cache.subarray(at, at + size)));
    }
    return 0;
  }

  time(at: number): number {
    this.#refresh();
    this.#view.setBigUint64(at, 1_700_000_000_000_000_000n, true);
    return 0;
  }

  #refresh(): void {
    const { buffer } = this.#memory;
    if (this.#cache.buffer === buffer) return;
    this.#cache = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
