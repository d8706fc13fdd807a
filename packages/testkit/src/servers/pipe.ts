import { type RunningProgram, startProgram } from "./program.ts";

/**
 * The whole of the byte pipe. Text and not a module, so that it runs the same from sources and from
 * the built package, with no loader in its process.
 */
const PIPE = `
const { connect, createServer } = require("node:net");
const [target, host, port] = process.argv.slice(1);
createServer({ noDelay: true }, (client) => {
  const server = connect({ host, port: Number(target), noDelay: true });
  client.on("error", () => server.destroy());
  server.on("error", () => client.destroy());
  client.pipe(server).pipe(client);
}).listen(Number(port), host);
`;

/** How to start a byte pipe. */
export interface PipeOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Path of the Node that runs it. Default: the one that runs this. */
  readonly node?: string;
}

/**
 * Starts a bare Node byte pipe in a process of its own: a connection to it is one to the target.
 * It shows what the runtime's sockets cost before any work is done.
 *
 * @param targetPort - a TCP port of 127.0.0.1
 */
export async function startPipe(
  targetPort: number,
  options: PipeOptions = {},
): Promise<RunningProgram> {
  return startProgram({
    name: "pipe",
    program: options.node ?? process.execPath,
    ...(options.port === undefined ? {} : { port: options.port }),
    prepare: (port) => ["-e", PIPE, String(targetPort), "127.0.0.1", String(port)],
  });
}
