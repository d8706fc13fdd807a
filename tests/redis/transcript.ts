/** The same conversation with one real server and with the router, reply for reply. */
import assert from "node:assert/strict";
import { connectRaw, encodeCommand, type RawClient } from "@echarde/testkit/servers";
import { ask, type Shards } from "./shards.ts";

/** One line of a conversation. */
export interface Step {
  /** Bytes to send; empty = only listen. */
  readonly bytes: Buffer;
  /** Replies and pushes that the first client then gets. */
  readonly replies: number;
  /** A second client sends it; its one reply is part of the transcript. */
  readonly other: boolean;
  /** What failures show. */
  readonly words: string;
}

/** A command of words without spaces, or of arguments as they are. */
export type Command = string | readonly string[];

/** A command and how many replies (and pushes) follow. */
export function say(command: Command, replies = 1): Step {
  return { bytes: encode(command), replies, other: false, words: String(command) };
}

/** A command of a second client; `replies` = what the first one gets of it. */
export function other(command: Command, replies = 0): Step {
  return { bytes: encode(command), replies, other: true, words: `other: ${String(command)}` };
}

/** Bytes that are no command. */
export function raw(bytes: string, replies = 1): Step {
  return {
    bytes: Buffer.from(bytes, "latin1"),
    replies,
    other: false,
    words: JSON.stringify(bytes),
  };
}

/** How conversations are compared. */
export interface TranscriptOptions {
  /** The server closes at the end, after these replies and nothing else. */
  readonly closes?: boolean;
  /** Makes replies comparable that differ by right. */
  readonly normal?: (reply: string) => string;
  /** The last reply is not followed by the answer to a PING (replies are off, say). */
  readonly unfenced?: boolean;
  /** Messages of different channels come in no certain order. */
  readonly unordered?: boolean;
  /** Password of the servers. */
  readonly password?: string;
}

/**
 * Holds the conversation step by step and, when only one client speaks, a
 * second time in one write; both with the server at `port` and with the
 * router. Fails at the first difference.
 */
export async function sameTranscript(
  port: number,
  shards: Shards,
  script: readonly (Command | Step)[],
  options: TranscriptOptions = {},
): Promise<string[]> {
  const steps = script.map((step) => (isStep(step) ? step : say(step)));
  if (options.closes !== true && options.unfenced !== true) steps.push(say("PING fence"));
  let transcript: string[] = [];
  const modes = steps.some((step) => step.other) ? [false] : [false, true];
  for (const atOnce of modes) {
    const ports = [port, ...shards.servers.map((server) => server.port)];
    await Promise.all(ports.map((each) => ask(each, ["FLUSHALL"], options.password)));
    const expected = await converse(port, steps, atOnce, options);
    transcript = await converse(shards.port, steps, atOnce, options);
    if (options.unordered === true) for (const lines of [expected, transcript]) lines.sort();
    const mode = atOnce ? "in one write" : "step by step";
    assert.deepEqual(transcript, expected, mode);
  }
  return transcript;
}

async function converse(
  port: number,
  steps: readonly Step[],
  atOnce: boolean,
  { closes = false, normal = (reply) => reply }: TranscriptOptions,
): Promise<string[]> {
  const first = await connectRaw(port);
  const second = steps.some((step) => step.other) ? await connectRaw(port) : null;
  const transcript: string[] = [];
  const listen = async (client: RawClient, count: number, words: string): Promise<void> => {
    try {
      for (const reply of await client.replies(count, 3_000)) {
        transcript.push(`${words} → ${normal(reply.toString("latin1"))}`);
      }
    } catch (error) {
      while (client.waiting > 0) {
        transcript.push(`${words} → ${(await client.reply()).toString("latin1")}`);
      }
      transcript.push(`${words} → ${String(error)}`);
    }
  };
  try {
    if (atOnce) first.send(Buffer.concat(steps.map((step) => step.bytes)));
    for (const { bytes, replies, other: byOther, words } of steps) {
      if (byOther && second !== null) {
        second.send(bytes);
        await listen(second, 1, words);
      } else if (!atOnce) first.send(bytes);
      await listen(first, replies, words);
    }
    if (closes) {
      await within(3_000, first.closed);
      const state = first.ended ? "closed" : "open";
      transcript.push(`${state}, ${first.waiting} replies and ${first.rest.length} bytes left`);
    }
  } finally {
    await first.close();
    await second?.close();
  }
  return transcript;
}

/** Settles as `promise` does, or after `milliseconds`. */
async function within(milliseconds: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

function encode(command: Command): Buffer {
  return encodeCommand(...(typeof command === "string" ? command.split(" ") : command));
}

function isStep(step: Command | Step): step is Step {
  return typeof step === "object" && "bytes" in step;
}
