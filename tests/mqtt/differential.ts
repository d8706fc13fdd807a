/** One broker against a router with several: the same scripts, the same messages. */
import assert from "node:assert/strict";
import { topicKeyMap, type Version } from "@echarde/codec-mqtt";
import { compileTable, type RoutingTable } from "@echarde/core";
import { startMosquitto } from "@echarde/testkit/servers";
import { type Broker, startAedes, startRouter } from "./brokers.ts";
import { play } from "./play.ts";
import { makeScript, type Script, type Step } from "./script.ts";
import { rulesFor } from "./topics.ts";

/** What is compared. */
export interface Comparison {
  /** Behind the router. */
  readonly brokers: number;
  /** What they are; aedes speaks 3.1.1 alone. */
  readonly flavour: "mosquitto" | "aedes";
  /** Options of the router's table. Default: none. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of the first script; the others have the next ones. */
  readonly seed: number;
  /** Scripts. */
  readonly count: number;
}

/** What was compared. */
export interface Compared {
  /** Scripts that gave the same. */
  readonly scripts: number;
  /** Messages that clients got through the router. */
  readonly messages: number;
  /** Of these, by broker. */
  readonly byBroker: ReadonlyMap<string, number>;
  /** Messages whose receiver had the one before from another broker. */
  readonly crossings: number;
}

/** Plays the scripts of all seeds in both worlds. Throws at the first difference, with as few steps as show it. */
export async function compare(wanted: Comparison): Promise<Compared> {
  const { brokers, flavour, seed, count } = wanted;
  const only: Version | null = flavour === "aedes" ? 4 : null;
  const table = tableOf(brokers);
  const byBroker = new Map<string, number>();
  let messages = 0;
  let crossings = 0;
  const worlds = await startWorlds(wanted);
  let failed: { readonly seed: number; readonly script: Script; readonly error: unknown } | null =
    null;
  try {
    for (let i = 0; i < count && failed === null; i++) {
      const script = forFlavour(flavour, makeScript(seed + i, only));
      try {
        for (const topics of await worlds.play(script)) {
          const owners = topics.map((topic) => ownerOf(table, topic));
          messages += owners.length;
          crossings += owners.filter((name, at) => at > 0 && name !== owners[at - 1]).length;
          for (const name of owners) byBroker.set(name, (byBroker.get(name) ?? 0) + 1);
        }
      } catch (error) {
        failed = { seed: seed + i, script, error };
      }
    }
  } finally {
    await worlds.end();
  }
  if (failed !== null) {
    const { version } = failed.script;
    const steps = await shrink(wanted, failed.script);
    const lines = steps?.map((step) => JSON.stringify(step, bytesAsText));
    const words =
      lines === undefined ? "It was the same when run again." : "These steps are enough:";
    const what = `seed ${failed.seed}, MQTT ${version}, ${brokers} ${flavour}`;
    const message = [`${what}: ${String(failed.error)}`, words, ...(lines ?? [])].join("\n");
    throw new Error(message, { cause: failed.error });
  }
  return { scripts: count, messages, byBroker, crossings };
}

interface Worlds {
  /** Plays a script in both. Returns what the router delivered; throws when they differ. */
  play(script: Script): Promise<readonly (readonly string[])[]>;
  end(): Promise<void>;
}

async function startWorlds({ brokers, flavour, options = {} }: Comparison): Promise<Worlds> {
  const start = (): Promise<Broker> => (flavour === "aedes" ? startAedes() : startMosquitto());
  const [single, ...behind] = await Promise.all(Array.from({ length: 1 + brokers }, start));
  const router = await startRouter(behind, rulesFor(brokers), options);
  let runs = 0;
  const told = (world: string) => (error: unknown) => {
    throw new Error(`${world}: ${String(error)}`, { cause: error });
  };
  return {
    play: async (script) => {
      runs += 1;
      const run = `s${runs}`;
      const both = await Promise.allSettled([
        play(single?.port ?? 0, script, run).catch(told("one broker")),
        play(router.port, script, run).catch(told("router")),
      ]);
      const [expected, actual] = both.map((each) => {
        if (each.status === "rejected") throw each.reason;
        return each.value;
      }) as [Awaited<ReturnType<typeof play>>, Awaited<ReturnType<typeof play>>];
      const { delivered: _e, ...want } = expected;
      const { delivered, ...got } = actual;
      assert.deepEqual(got, want);
      return delivered;
    },
    end: async () => {
      await router.server.close();
      await Promise.all([single, ...behind].map((each) => each?.stop()));
    },
  };
}

/** Leaves steps out as long as the rest still differs: halves, quarters, … and single ones. Null when it does not differ again. */
async function shrink(wanted: Comparison, script: Script): Promise<readonly Step[] | null> {
  const by = performance.now() + shrinkMilliseconds;
  let { steps } = script;
  let worlds = await startWorlds(wanted);
  const isSame = (fewer: readonly Step[]): Promise<boolean> =>
    worlds.play({ ...script, steps: fewer }).then(
      () => true,
      () => false,
    );
  try {
    for (let times = 1; await isSame(steps); times++) if (times === 5) return null;
    await worlds.end();
    worlds = await startWorlds(wanted);
    for (let size = steps.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at < steps.length && performance.now() < by; ) {
        const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
        if (await isSame(fewer)) at += size;
        else {
          steps = fewer;
          await worlds.end(); // what the run left there would speak in the next one
          worlds = await startWorlds(wanted);
        }
      }
    }
    return steps;
  } finally {
    await worlds.end();
  }
}

/**
 * Aedes by itself: QoS 0 is not through when its sender goes on (what is retained is stored meanwhile),
 * and it may end the connection of a client that has a kept session, that a message of QoS 2 comes for,
 * or several of QoS 1 at once. Of a SUBSCRIBE with overlapping filters it sends what is retained once or twice.
 */
function forFlavour(flavour: Comparison["flavour"], script: Script): Script {
  if (flavour !== "aedes") return script;
  const steps = script.steps.map((step): Step => {
    if (step.do === "connect") return { ...step, clean: true, keeps: false };
    if (step.do === "subscribe") return { ...step, filters: step.filters.slice(0, 1) };
    if (step.do !== "publish") return step;
    return { ...step, qos: 1, messages: step.messages.slice(0, 1) };
  });
  return { ...script, steps };
}

function tableOf(brokers: number): RoutingTable {
  const clusters = Object.fromEntries(
    Array.from({ length: brokers }, (_, i) => [`m${i + 1}`, { endpoints: [`127.0.0.1:${i + 1}`] }]),
  );
  const spec = { defaultCluster: "m1", clusters, routes: rulesFor(brokers) };
  return compileTable(spec, { hashTag: null, keyMap: topicKeyMap });
}

function ownerOf(table: RoutingTable, topic: string): string {
  const bytes = Buffer.from(topic);
  return table.clusters[table.route(bytes, 0, bytes.length)]?.name ?? "";
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
}

const shrinkMilliseconds = 240_000;
