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

/** Where to listen or to connect. */
export type Address = TcpAddress | UnixAddress;

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

/** The form that {@link parseAddress} reads. */
export function formatAddress(address: Address): string {
  if (address.type === "unix") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
