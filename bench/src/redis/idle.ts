import { connectRaw, encodeCommand, type RawClient } from "@echarde/testkit/servers";
import { usageOf } from "../usage.ts";
import { keyName } from "./keys.ts";

/** Memory that a proxy takes for clients that do nothing. */
export interface IdleResult {
  /** Name of the subject. */
  readonly subject: string;
  /** Clients, each with one request answered. */
  readonly clients: number;
  /** Growth of the proxy's resident memory divided by them, in KiB. */
  readonly kibPerClient: number;
}

const AT_ONCE = 100;

/**
 * Connects clients, has one request of each answered, and looks at the proxy's memory. A tenth of
 * them come before the first look, so that what a proxy takes once is not counted.
 */
export async function measureIdle(
  subject: { readonly name: string; readonly port: number; readonly pids: readonly number[] },
  clients: number,
): Promise<IdleResult | null> {
  const held = await crowd(subject.port, Math.ceil(clients / 10));
  const before = usageOf(subject.pids);
  const more = await crowd(subject.port, clients);
  const after = usageOf(subject.pids);
  await Promise.all([...held, ...more].map((client) => client.close()));
  if (before === null || after === null) return null;
  const kib = (after.rssMiB - before.rssMiB) * 1024;
  return { subject: subject.name, clients, kibPerClient: kib / clients };
}

async function crowd(port: number, clients: number): Promise<RawClient[]> {
  const open: RawClient[] = [];
  while (open.length < clients) {
    const more = Math.min(AT_ONCE, clients - open.length);
    const came = await Promise.all(Array.from({ length: more }, () => connectRaw(port)));
    open.push(...came);
    for (const [i, client] of came.entries()) {
      client.send(encodeCommand("GET", keyName(i)));
    }
    await Promise.all(came.map((client) => client.replies(1)));
  }
  return open;
}
