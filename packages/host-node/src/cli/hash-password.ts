import type { Readable } from "node:stream";
import type { ReadStream } from "node:tty";
import { hashPassword } from "../security/password-hash.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** `echarde hash`: the hash of a password for the key `auth`. Resolves with the exit code. */
export async function hashLine(output: Output, input: Readable = process.stdin): Promise<number> {
  const terminal = "isTTY" in input && input.isTTY === true ? (input as ReadStream) : null;
  if (terminal !== null) output.err("password (not shown), then return:");
  terminal?.setRawMode(true);
  let password: string | null;
  try {
    password = await readLine(input);
  } finally {
    terminal?.setRawMode(false);
    terminal?.pause();
  }
  if (password === null || password === "") {
    output.err("echarde: no password on standard input");
    return exitCodes.usage;
  }
  output.out(await hashPassword(Buffer.from(password)));
  return exitCodes.ok;
}

/** The first line; null when it is given up (Ctrl-C, Ctrl-D). */
async function readLine(input: Readable): Promise<string | null> {
  let text = "";
  for await (const chunk of input) {
    for (const char of String(chunk)) {
      if (char === "\n" || char === "\r") return text;
      if (char === "\x03" || char === "\x04") return null;
      text = char === "\x7f" ? text.slice(0, -1) : text + char;
    }
  }
  return text;
}
