import { type Address, formatAddress } from "../address.ts";

/**
 * What the system's error means to the one who started the program.
 *
 * @param listen - what was to be listened on
 * @param remedy - what to do about an address that is in use
 */
export function systemErrorWords(
  error: unknown,
  listen: readonly Address[],
  remedy: string,
): string {
  const { code, port, address, message } = error as NodeJS.ErrnoException & {
    readonly port?: number;
    readonly address?: string;
  };
  const path = listen.some((each) => each.type === "unix" && each.path === address);
  const where = path
    ? `unix:${address}`
    : port === undefined
      ? listen.map(formatAddress).join(", ")
      : formatAddress({ type: "tcp", host: address ?? "", port });
  switch (code) {
    case "EADDRINUSE":
      return `${where} is in use by another process; ${remedy}`;
    case "EACCES":
      if (path) return `${where}: permission denied, or there is no such folder`;
      return `${where}: permission denied; ports below 1024 are the system's`;
    case "EADDRNOTAVAIL":
      return `${where}: this machine has no such address`;
    case "ENOTFOUND":
      return `${where}: no such host name`;
    default:
      return message;
  }
}
