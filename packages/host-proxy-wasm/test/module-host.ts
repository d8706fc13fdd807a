/**
 * Runs the module in Node as Envoy would: contexts, buffers, actions that wait
 * until the call has returned. For tests that need no Envoy.
 */
import { type Exports, type Imports, webAssembly } from "../scripts/build/web-assembly.ts";

/** One connection in the host. */
export class HostConnection {
  /** Its context. */
  readonly id: number;
  /** What has moved on to the next filter. */
  toUpstream: Buffer = Buffer.alloc(0);
  /** What the client has got. */
  toClient: Buffer = Buffer.alloc(0);
  /** The filter closed it. */
  closed = false;
  /** The client's end has moved on. */
  ended = false;
  /** Filter state by key. */
  readonly state = new Map<string, string>();
  /** Bytes of the client that wait in the host. */
  downstreamBuffer: Buffer | null = null;
  /** Bytes for the client, while they pass the filter. */
  upstreamBuffer: Buffer | null = null;
  /** The client has sent its end. */
  endRead = false;

  constructor(id: number) {
    this.id = id;
  }
}

type Calls = Record<string, (...args: number[]) => number>;

/** See the module. */
export class ModuleHost {
  /** Lines of the log. */
  readonly log: string[] = [];
  /** Statistics by name. */
  readonly metrics = new Map<string, number>();
  /** Milliseconds. */
  now = 1_000_000;
  /** How often the module asked for the time: once for each event that JS has to do with. */
  events = 0;
  readonly #exports: Calls;
  readonly #memory: { readonly buffer: ArrayBuffer };
  readonly #connections = new Map<number, HostConnection>();
  readonly #metricNames: string[] = [];
  #configuration = Buffer.alloc(0);
  #context = 0;
  #deferred: (() => void)[] = [];
  #nextId = 1;

  private constructor(exports: Exports) {
    this.#exports = exports as unknown as Calls;
    this.#memory = exports["memory"] as { readonly buffer: ArrayBuffer };
  }

  /** A host with the module in it. */
  static async start(module: Uint8Array): Promise<ModuleHost> {
    const compiled = await webAssembly.compile(module);
    let host: ModuleHost | null = null;
    const imports: Imports = {};
    for (const { module: from, name } of webAssembly.Module.imports(compiled)) {
      imports[from] ??= {};
      const group = imports[from];
      group[name] = (...args: (number | bigint)[]) =>
        host === null ? 0 : host.#import(name, args.map(Number));
    }
    host = new ModuleHost((await webAssembly.instantiate(compiled, imports)).exports);
    return host;
  }

  /** Bytes of its memory. */
  get memorySize(): number {
    return this.#memory.buffer.byteLength;
  }

  /** A new root context; whether it took the configuration. */
  configure(configuration: unknown): { readonly root: number; readonly accepted: boolean } {
    const root = this.#nextId++;
    this.#configuration = Buffer.from(
      typeof configuration === "string" ? configuration : JSON.stringify(configuration),
    );
    this.#call("proxy_on_context_create", root, 0);
    this.#context = root;
    const accepted = this.#call("proxy_on_configure", root, this.#configuration.length) === 1;
    return { root, accepted };
  }

  /** A client connects. */
  connect(root: number): HostConnection {
    const connection = new HostConnection(this.#nextId++);
    this.#connections.set(connection.id, connection);
    this.#call("proxy_on_context_create", connection.id, root);
    this.#call("proxy_on_new_connection", connection.id);
    return connection;
  }

  /** The client sends. */
  downstream(connection: HostConnection, bytes: Uint8Array | string, end = false): void {
    const before = connection.downstreamBuffer ?? Buffer.alloc(0);
    const buffer = Buffer.concat([before, Buffer.from(bytes as string)]);
    connection.downstreamBuffer = buffer;
    connection.endRead = end;
    const action = this.#call(
      "proxy_on_downstream_data",
      connection.id,
      buffer.length,
      end ? 1 : 0,
    );
    if (action === 0) this.#moveOn(connection);
  }

  /** The other side sends; what the client gets of it. */
  upstream(connection: HostConnection, bytes: Uint8Array, end = false): void {
    connection.upstreamBuffer = Buffer.from(bytes);
    this.#call("proxy_on_upstream_data", connection.id, bytes.length, end ? 1 : 0);
    connection.toClient = Buffer.concat([connection.toClient, connection.upstreamBuffer]);
    connection.upstreamBuffer = null;
  }

  /** The connection is gone. */
  close(connection: HostConnection): void {
    this.#call("proxy_on_downstream_connection_close", connection.id, 1);
    this.#call("proxy_on_done", connection.id);
    this.#call("proxy_on_delete", connection.id);
    this.#connections.delete(connection.id);
  }

  /** Time passes. */
  tick(root: number, milliseconds: number): void {
    this.now += milliseconds;
    this.#call("proxy_on_tick", root);
  }

  #call(name: string, ...args: number[]): number {
    this.#context = args[0] ?? 0;
    const result = this.#exports[name]?.(...args) ?? 0;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const action of deferred) action();
    return result;
  }

  #moveOn(connection: HostConnection): void {
    const buffer = connection.downstreamBuffer ?? Buffer.alloc(0);
    connection.toUpstream = Buffer.concat([connection.toUpstream, buffer]);
    connection.downstreamBuffer = Buffer.alloc(0);
    if (connection.endRead) connection.ended = true;
  }

  #text(at = 0, length = 0): string {
    return Buffer.from(this.#memory.buffer, at, length).toString("utf8");
  }

  #buffer(type: number): Buffer | null {
    const connection = this.#connections.get(this.#context);
    // As in Envoy: the root alone has it.
    if (type === 7) return connection === undefined ? this.#configuration : null;
    return (type === 2 ? connection?.downstreamBuffer : connection?.upstreamBuffer) ?? null;
  }

  #import(name: string, args: readonly number[]): number {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = args;
    const view = (): DataView => new DataView(this.#memory.buffer);
    const connection = this.#connections.get(this.#context);
    switch (name) {
      case "proxy_log":
        this.log.push(this.#text(b, c));
        return 0;
      case "proxy_get_current_time_nanoseconds":
        this.events += 1;
        view().setBigUint64(a, BigInt(Math.round(this.now * 1e6)), true);
        return 0;
      case "proxy_get_buffer_status":
        view().setUint32(b, this.#buffer(a)?.length ?? 0, true);
        return this.#buffer(a) === null ? 1 : 0;
      case "proxy_get_buffer_bytes": {
        const bytes = this.#buffer(a)?.subarray(b, b + c);
        if (bytes === undefined) return 1;
        const at = this.#exports["proxy_on_memory_allocate"]?.(bytes.length) ?? 0;
        new Uint8Array(this.#memory.buffer).set(bytes, at);
        view().setUint32(d, at, true);
        view().setUint32(e, bytes.length, true);
        return 0;
      }
      case "proxy_set_buffer_bytes": {
        const before = this.#buffer(a);
        if (before === null || connection === undefined) return 1;
        const bytes = Buffer.from(Buffer.from(this.#memory.buffer, d, e));
        const from = b >>> 0;
        if (from !== 0 && from < before.length) return 2;
        const after =
          from === 0
            ? Buffer.concat([bytes, before.subarray(Math.min(c >>> 0, before.length))])
            : Buffer.concat([before, bytes]);
        if (a === 2) connection.downstreamBuffer = after;
        else connection.upstreamBuffer = after;
        return 0;
      }
      case "proxy_continue_stream":
        if (a !== 2 || connection === undefined) return 12;
        this.#deferred.push(() => this.#moveOn(connection));
        return 0;
      case "proxy_close_stream":
        if (connection === undefined) return 1;
        this.#deferred.push(() => {
          connection.closed = true;
        });
        return 0;
      case "proxy_set_effective_context":
        this.#context = a;
        return 0;
      case "proxy_call_foreign_function":
        connection?.state.set(this.#text(a, b), this.#text(c, d));
        return 0;
      case "proxy_define_metric":
        view().setUint32(d, this.#metricNames.push(this.#text(b, c)) - 1, true);
        return 0;
      case "proxy_increment_metric": {
        const metric = this.#metricNames[a] ?? "";
        this.metrics.set(metric, (this.metrics.get(metric) ?? 0) + b);
        return 0;
      }
      default:
        return 0;
    }
  }
}
