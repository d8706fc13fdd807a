/** A TCP address. */
export interface TcpAddress {
  /** Discriminates. */
  readonly type: "tcp";
  /** Name or number of the machine, without brackets. */
  readonly host: string;
  /** 0 (for listeners: any free one) to 65535. */
  readonly port: number;
}

/** A Unix socket. */
export interface UnixAddress {
  /** Discriminates. */
  readonly type: "unix";
  /** Path in the file system. */
  readonly path: string;
}

/** WebSocket over TCP; to listen only. */
export interface WebSocketAddress {
  /** Discriminates. */
  readonly type: "ws";
  /** Name or number of the machine, without brackets. */
  readonly host: string;
  /** 0 (any free one) to 65535. */
  readonly port: number;
  /** What clients ask for, as in `/mqtt`. */
  readonly path: string;
}

/** Where to listen or to connect. */
export type Address = TcpAddress | UnixAddress | WebSocketAddress;

/** Reads `host:port`, `[v6]:port` or `unix:/path`; null when it is none of them. */
export function parseAddress(text: string): Address | null {
  if (text.startsWith("unix:")) {
    const path = text.slice(5);
    return path.startsWith("/") && path.length > 1 ? { type: "unix", path } : null;
  }
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? null : { type: "tcp", host, port };
}

/** Reads what {@link parseAddress} reads, or `ws://host:port/path`; null when it is none of them. */
export function parseListenAddress(text: string): Address | null {
  const [, where, path = "/"] = /^ws:\/\/([^/?#]*)(\/[\w.~/-]*)?$/.exec(text) ?? [];
  if (where === undefined) return parseAddress(text);
  const address = parseAddress(where);
  if (address?.type !== "tcp") return null;
  return { type: "ws", host: address.host, port: address.port, path };
}

/** The form that {@link parseListenAddress} reads. */
export function formatAddress(address: Address): string {
  if (address.type === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const where = `${host}:${address.port}`;
  return address.type === "ws" ? `ws://${where}${address.path}` : where;
}
