/** Topic filters: which are well-formed, which are shared, which topics they match. MQTT 5.0, 4.7 and 4.8.2. */

/** What is wrong with a filter; null = nothing. */
export type FilterFault =
  | null
  /** Nothing in it. */
  | "MQTT-4.7.3-1"
  /** `#` not alone in the last level. */
  | "MQTT-4.7.1-1"
  /** `+` not alone in its level. */
  | "MQTT-4.7.1-2"
  /** `$share` without a name. */
  | "MQTT-4.8.2-1"
  /** A name with a wildcard, or no filter behind it. */
  | "MQTT-4.8.2-2";

/** A filter and whose subscription it is. */
export interface SharedFilter {
  /** Name of the group; null = not shared. */
  readonly group: string | null;
  /** The filter that counts for matching. */
  readonly filter: string;
}

/** Takes `$share/group/` off. For well-formed filters. */
export function sharedFilter(filter: string): SharedFilter {
  if (!isShared(filter)) return { group: null, filter };
  const slash = filter.indexOf("/", PREFIX.length);
  return { group: filter.slice(PREFIX.length, slash), filter: filter.slice(slash + 1) };
}

/** Whether a filter says that it is a shared subscription. */
export function isShared(filter: string): boolean {
  return filter.startsWith(PREFIX);
}

/** The rule that a filter breaks, by its conformance statement; `shared` = `$share/` means something (MQTT 5, and 3.1.1 by custom). */
export function checkFilter(filter: string, shared = true): FilterFault {
  if (filter === "") return "MQTT-4.7.3-1";
  let from = 0;
  if (shared && (filter === "$share" || isShared(filter))) {
    const slash = filter.indexOf("/", PREFIX.length);
    const name = filter.slice(PREFIX.length, slash < 0 ? undefined : slash);
    if (name === "") return "MQTT-4.8.2-1";
    if (/[+#]/.test(name) || slash < 0 || slash + 1 === filter.length) return "MQTT-4.8.2-2";
    from = slash + 1;
  }
  for (let at = from; at < filter.length; at++) {
    const char = filter.charCodeAt(at);
    if (char !== PLUS && char !== HASH) continue;
    const alone = at === from || filter.charCodeAt(at - 1) === SLASH;
    const last = at + 1 === filter.length;
    if (char === HASH && !(alone && last)) return "MQTT-4.7.1-1";
    if (!(alone && (last || filter.charCodeAt(at + 1) === SLASH))) return "MQTT-4.7.1-2";
  }
  return null;
}

/**
 * Whether a well-formed filter matches a topic name. `+` is one level, which
 * may be empty; `#` is the level before it and all below; neither begins a
 * match with a topic that begins with `$` [MQTT-4.7.2-1]. Of `$share/g/f`
 * only `f` counts.
 */
export function matches(filter: string, topic: string): boolean {
  let f = 0;
  if (isShared(filter)) f = filter.indexOf("/", PREFIX.length) + 1;
  let t = 0;
  const first = filter.charCodeAt(f);
  if ((first === PLUS || first === HASH) && topic.charCodeAt(0) === DOLLAR) return false;
  for (;;) {
    const char = filter.charCodeAt(f);
    if (char === HASH) return true;
    if (char === PLUS) {
      while (t < topic.length && topic.charCodeAt(t) !== SLASH) t++;
      f++;
    } else {
      while (f < filter.length && filter.charCodeAt(f) !== SLASH) {
        if (topic.charCodeAt(t) !== filter.charCodeAt(f)) return false;
        f++;
        t++;
      }
      if (t < topic.length && topic.charCodeAt(t) !== SLASH) return false;
    }
    // Both stand at the end of a level.
    if (f === filter.length) return t === topic.length;
    // "a/#" matches "a".
    if (t === topic.length) return filter.charCodeAt(f + 1) === HASH;
    f++;
    t++;
  }
}

const PREFIX = "$share/";
const SLASH = 47;
const PLUS = 43;
const HASH = 35;
const DOLLAR = 36;
