import type {
  Codec,
  LinkContext,
  OwnRulesView,
  RouterContext,
  RoutingTable,
  RunningCodec,
  SessionContext,
} from "@echarde/core";
import { ConfigError } from "@echarde/core";
import { topicKeyMap } from "./filters/topic-key-map.ts";
import { TopicMap } from "./filters/topic-map.ts";
import { MqttLink } from "./mqtt-link.ts";
import { MqttSession } from "./session/mqtt-session.ts";
import { type Policy, policyOf } from "./session/policy.ts";
import { Sessions } from "./sessions.ts";
import { SourceTables } from "./sources/source-tables.ts";

/** How the codec behaves. */
export interface MqttOptions {
  /** Distinguishes client ids that this router makes from those that others make; letters and digits. The host draws it. */
  readonly seed?: string;
}

/** MQTT 3.1.1 and 5.0 over several brokers. */
export function mqtt(options: MqttOptions = {}): Codec {
  return {
    name: "mqtt",
    matching: "id",
    ordering: "as-ready",
    needs: ["fanOut", "unsolicitedReply", "timers", "privateLinks"],
    hashTag: null,
    keyMap: topicKeyMap,
    liveOptions: ["sessions"],
    start: (router) => new RunningMqtt(router, options.seed ?? ""),
  };
}

class RunningMqtt implements RunningCodec {
  readonly #router: RouterContext;
  readonly #sessions: Sessions;
  readonly #sources: SourceTables;
  readonly #policy: Policy;

  constructor(router: RouterContext, seed: string) {
    this.#router = router;
    this.#sessions = new Sessions(seed);
    if (!(router.table.keyMap instanceof TopicMap)) {
      throw new ConfigError("bad-table", "the table was compiled without the codec's keyMap");
    }
    this.#sources = new SourceTables(router);
    this.#policy = policyOf(router.table.options);
  }

  get ownRules(): readonly OwnRulesView[] {
    return this.#sources.views();
  }

  get dropped(): ReadonlyMap<string, number> {
    return this.#sessions.dropped;
  }

  tableChanges(table: RoutingTable): void {
    this.#sources.adopt(table);
  }

  session(context: SessionContext): MqttSession {
    return new MqttSession(this.#router, context, this.#sessions, this.#sources, this.#policy);
  }

  link({ session }: LinkContext): MqttLink {
    const version = session instanceof MqttSession ? session.version : 5;
    return new MqttLink(version, this.#router.limits.maxRequest);
  }
}
