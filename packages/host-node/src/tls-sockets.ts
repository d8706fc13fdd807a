/**
 * TLS around the sockets of `node:net`. A client takes part from the end of
 * its handshake on; those in the middle of one are limited in number and time.
 */
import { isIP, type Socket as NetSocket, type Server } from "node:net";
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  createServer,
  type SecureContext,
  type SecureContextOptions,
  Server as TlsServer,
} from "node:tls";
import type { Address } from "./address.ts";
import type { DialTls, ListenTls } from "./sockets.ts";

/** Milliseconds for a handshake. */
const handshakeTimeout = 10_000;
/** Handshakes under way at a time: one more is dropped. Above what a thousand clients that reconnect at once need. */
const mostHandshakes = 1_024;

/** Options of all sockets. */
interface Shared {
  readonly allowHalfOpen: boolean;
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelay: number;
}

/** A server that does not listen yet; `accepted` gets each connection whose handshake is done. */
export function createTlsListener(
  tls: ListenTls,
  shared: Shared,
  accepted: (socket: NetSocket) => void,
): Server {
  const certificates = new Certificates(tls);
  const server = createServer({
    ...shared,
    ...contextOptions(tls),
    requestCert: tls.clientCert !== "none",
    rejectUnauthorized: tls.clientCert === "required",
    handshakeTimeout,
    SNICallback: (name, done) => done(null, certificates.of(name)),
  });
  let open = 0;
  let established = 0;
  server.on("connection", (raw) => {
    open += 1;
    raw.once("close", () => {
      open -= 1;
    });
    if (open - established > mostHandshakes) raw.destroy();
  });
  server.on("secureConnection", (socket) => {
    established += 1;
    socket.once("close", () => {
      established -= 1;
    });
    accepted(socket);
  });
  // A handshake that fails concerns that client alone.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  certificatesOf.set(server, certificates);
  return server;
}

/** New connections of the server get these certificates. */
export function renewTls(server: Server, tls: ListenTls): void {
  const certificates = certificatesOf.get(server);
  if (certificates === undefined || !(server instanceof TlsServer)) return;
  certificates.replace(tls);
  server.setSecureContext(contextOptions(tls));
}

/** A connection over TLS; `secureConnect` says that it stands. */
export function connectTls(address: Address, tls: DialTls, shared: Shared): NetSocket {
  const name = tls.serverName ?? (address.type === "tcp" ? address.host : "localhost");
  const options: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    ...(address.type === "unix" ? { path: address.path } : address),
    allowHalfOpen: shared.allowHalfOpen,
    secureContext: dialContext(tls),
    rejectUnauthorized: tls.rejectUnauthorized,
    servername: isIP(name) === 0 ? name : "", // an address cannot be asked for, only expected
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
  const socket = connect(options);
  socket.setNoDelay(shared.noDelay);
  socket.setKeepAlive(shared.keepAlive, shared.keepAliveInitialDelay);
  return socket;
}

/** The certificates of a listener by the name asked for. */
class Certificates {
  #default: SecureContext;
  #named: ReadonlyMap<string, SecureContext>;

  constructor(tls: ListenTls) {
    this.#default = createSecureContext(contextOptions(tls));
    this.#named = named(tls);
  }

  replace(tls: ListenTls): void {
    this.#default = createSecureContext(contextOptions(tls));
    this.#named = named(tls);
  }

  of(asked: string): SecureContext {
    const name = asked.toLowerCase();
    const label = name.indexOf(".");
    const wild = label < 0 ? undefined : this.#named.get(`*${name.slice(label)}`);
    return this.#named.get(name) ?? wild ?? this.#default;
  }
}

const certificatesOf = new WeakMap<Server, Certificates>();

function named(tls: ListenTls): ReadonlyMap<string, SecureContext> {
  return new Map(
    [...tls.names].map(([name, pair]) => [
      name,
      createSecureContext({ ...contextOptions(tls), ...pair }),
    ]),
  );
}

function contextOptions({ cert, key, ca, minVersion }: ListenTls): SecureContextOptions {
  return { cert, key, minVersion, ...(ca === null ? {} : { ca }) };
}

const dialContexts = new WeakMap<DialTls, SecureContext>();

/** Made once for each setting: reading the authorities takes longer than a handshake. */
function dialContext(tls: DialTls): SecureContext {
  let context = dialContexts.get(tls);
  if (context === undefined) {
    const { pair, ca, minVersion } = tls;
    context = createSecureContext({
      ...(pair ?? {}),
      ...(ca === null ? {} : { ca }),
      minVersion,
    });
    dialContexts.set(tls, context);
  }
  return context;
}
