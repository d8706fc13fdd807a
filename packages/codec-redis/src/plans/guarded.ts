/** What a cluster would answer about the router instead of the client. */
import type { Plan } from "@echarde/core";
import type { Command } from "../commands/command.ts";
import { refuse } from "../failures.ts";
import type { RedisSession } from "../session.ts";
import { whoAmI } from "./sign-in.ts";

/** What a cluster would answer about the router instead of the client, once the router has credentials or users of its own. */
export function guarded(session: RedisSession, command: Command): Plan | null {
  const { security, options } = session.runtime;
  if (security.passes) return null;
  if (command.name === "acl|whoami") return whoAmI(session);
  // It tells the password of the cluster.
  return command.name === "config|get" && !options.admin ? refuse(unsupported(command)) : null;
}

/** Words for what the proxy does not do. */
export function unsupported(command: Command): string {
  return `ERR '${command.name}' is not supported through this proxy`;
}
