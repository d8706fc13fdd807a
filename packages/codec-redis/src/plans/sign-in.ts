/**
 * AUTH and HELLO when the router answers them: it has users of its own, or
 * credentials of its own for the clusters. What a client presents then goes to
 * no cluster. The host checks the password, outside of the turn.
 *
 * ```
 *   AUTH ─▶ ask "authenticate" ─▶ right ─▶ the user's own links from here on, +OK
 *                              └▶ wrong, or nobody says ─▶ error; who the client was it stays
 * ```
 */
import { type NextPlan, type Plan, Secret } from "@echarde/core";
import { local, refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { bulkText, OK } from "../wire/reply-writer.ts";

/** AUTH. */
export function auth(session: RedisSession, request: Request): Plan {
  if (request.argc > 3) return refuse("ERR syntax error");
  const named = request.argc === 3;
  const user = named ? request.text(1) : defaultUser;
  if (!named && isOpen(session, defaultUser)) return refuse(noPassword);
  return check(session, user, request.arg(request.argc - 1), (changed) => {
    // Requests of the user before must be done before the next ones take other links.
    return { type: "local", bytes: [OK], end: false, release: changed };
  });
}

/** Checks a client's name and password; `then` continues as that user and is told whether it is another one than before. */
export function check(
  session: RedisSession,
  user: string,
  password: Uint8Array,
  then: (changed: boolean) => NextPlan,
): NextPlan {
  const { users } = session.runtime.security;
  const accept = (): NextPlan => {
    const changed = users !== null && session.account !== user;
    if (changed && (session.subscriptions.size > 0 || session.transaction.watching)) {
      return refuse("ERR a client that is subscribed or watches keys cannot become another user");
    }
    if (!session.signIn(user)) return refuse(wrongPass);
    return then(changed);
  };
  if (isOpen(session, user)) return accept();
  if (users === null) return refuse(wrongPass);
  return {
    type: "ask",
    topic: "authenticate",
    value: { user, password: new Secret(password.slice()) },
    answered: (value) => {
      if (value === true) return accept();
      return refuse(value === undefined ? unanswered : wrongPass);
    },
  };
}

/** ACL WHOAMI. */
export function whoAmI(session: RedisSession): Plan {
  return local(bulkText(session.account ?? defaultUser));
}

/** Whether a client may be this user without a password. */
function isOpen({ runtime }: RedisSession, user: string): boolean {
  const { users } = runtime.security;
  return users === null ? user === defaultUser : user === users.anonymous;
}

/** HELLO of a client that has not said who it is. */
export const helloFirst =
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time";

const defaultUser = "default";
const wrongPass = "WRONGPASS invalid username-password pair or user is disabled.";
const unanswered = "ERR the password could not be checked in time";
const noPassword =
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";
