/**
 * Redis 7.0's own words for requests that no command can take. Texts stand
 * without the leading `-`; characters are bytes. Quoted arguments end at a NUL
 * and line ends become spaces, as in Redis.
 */
import type { Command } from "./command.ts";
import type { CommandIndex } from "./lookup.ts";

/** Bytes of a name, and of all arguments together, that are quoted. */
const QUOTED = 128;

/** For a request that `CommandIndex.resolve` does not know: an unknown command, or an unknown subcommand of a container. */
export function unknownCommand(
  index: CommandIndex,
  bytes: Uint8Array,
  argStart: ArrayLike<number>,
  argEnd: ArrayLike<number>,
  argc: number,
): string {
  const quote = (i: number, most: number): string =>
    cString(bytes, argStart[i] as number, argEnd[i] as number, most);
  const container = index.find(bytes, argStart[0] as number, argEnd[0] as number);
  if (container?.container) {
    return `ERR unknown subcommand '${quote(1, QUOTED)}'. Try ${container.label} HELP.`;
  }
  let args = "";
  for (let i = 1; i < argc && args.length < QUOTED; i++) {
    args += `'${quote(i, QUOTED - args.length)}' `;
  }
  return `ERR unknown command '${quote(0, QUOTED)}', with args beginning with: ${args}`;
}

/** For a request with too few or too many arguments. EXEC tells by it that the transaction is gone (inside of one or not). */
export function wrongArity(command: Command): string {
  const code = command.name === "exec" ? "EXECABORT Transaction discarded because of:" : "ERR";
  return `${code} wrong number of arguments for '${command.name}' command`;
}

/** For a bad number of keys: `number` is NaN when it is no integer. `argc` counts the name. */
export function numkeysError(command: Command, number: number, argc: number): string {
  const integer = "ERR value is not an integer or out of range";
  const many = "ERR Number of keys can't be greater than number of args";
  switch (command.numkeys) {
    case "script":
    case "function":
      if (Number.isNaN(number)) {
        return command.numkeys === "script" ? integer : "ERR Bad number of keys provided";
      }
      return number > argc - 3 ? many : "ERR Number of keys can't be negative";
    case "positive":
      return number > 0 ? SYNTAX : "ERR numkeys should be greater than 0";
    case "card":
      return number > 0 ? many : "ERR numkeys should be greater than 0";
    case "input":
      if (Number.isNaN(number)) return integer;
      if (number > 0) return SYNTAX;
      return `ERR at least 1 input key is needed for '${command.name}' command`;
    default:
      return Number.isNaN(number) ? integer : SYNTAX;
  }
}

/** Redis's words for options that it cannot read. */
const SYNTAX = "ERR syntax error";

function cString(bytes: Uint8Array, from: number, to: number, most: number): string {
  let text = "";
  for (let i = from; i < to && text.length < most; i++) {
    const byte = bytes[i] as number;
    if (byte === 0) break;
    text += byte === 13 || byte === 10 ? " " : String.fromCharCode(byte);
  }
  return text;
}
