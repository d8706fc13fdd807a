/** Rules that need answers: one server, order, nothing lost, nobody else's. */
import { type Codec, join, type Limits } from "@echarde/core";
import { askDirectly } from "../model-server.ts";
import { Net } from "../net.ts";
import type { NetClient } from "../net-client.ts";
import { Noncompliance, wordsOf } from "../noncompliance.ts";
import { Random } from "../random.ts";
import type { CodecSamples, ModelRequest, ServerSamples } from "../samples.ts";
import { shrinkList } from "../shrink.ts";
import { show, textOf } from "../text.ts";
import { fairWeather, foulWeather, heavyWeather, type Weather } from "../weather.ts";
import { frame, freshLink } from "./replies.ts";

interface Step {
  readonly client: number;
  readonly request: ModelRequest;
}

interface Scene {
  readonly codec: Codec;
  readonly samples: CodecSamples;
  readonly servers: ServerSamples;
  readonly clients: number;
  readonly seed: number;
  readonly weather: Weather;
  readonly limits: Partial<Limits>;
}

/** Router and servers answer each client as one server would, whatever the cuts, delays and lanes. */
export function oneServer(codec: Codec, samples: CodecSamples, seed: number, runs: number): void {
  const rule = "router and servers answer as one server";
  const limits = { requestTimeout: 600_000, stallTimeout: 600_000 };
  each(codec, samples, seed, runs, rule, [fairWeather, heavyWeather], limits, (scene, steps) => {
    const { net, clients } = play(scene, steps);
    const { canonical = (bytes: Uint8Array) => textOf(bytes) } = scene.servers;
    clients.forEach((client, index) => {
      const sent = join(
        steps.filter((step) => step.client === index).map(({ request }) => request.bytes),
      );
      const [expected = sent] = askDirectly(scene.servers.single(), [sent]);
      if (canonical(expected) !== canonical(client.received)) {
        throw new Error(
          `client ${index} got\n${show(client.received, 2000)}\nbut one server says\n${show(expected, 2000)}`,
        );
      }
    });
    net.close();
  });
}

/** With servers and links failing, each request has one outcome, in its place, and it is its own. */
export function faults(codec: Codec, samples: CodecSamples, seed: number, runs: number): void {
  const rule = "each request has one outcome when links fail";
  const met = { faults: 0 };
  each(codec, samples, seed, runs, rule, [foulWeather], {}, (scene, steps) => {
    const { net, clients } = play(scene, steps);
    met.faults += net.faults;
    clients.forEach((client, index) => {
      const requests = steps.filter((step) => step.client === index).map(({ request }) => request);
      judge(scene, client, requests, index);
    });
    net.close();
  });
  if (met.faults === 0)
    throw new Noncompliance(rule, "no link failed: too few runs to tell anything");
}

function judge(
  scene: Scene,
  client: NetClient,
  requests: readonly ModelRequest[],
  index: number,
): void {
  const open = requests.flatMap((request) =>
    new Array<ModelRequest>(request.replies).fill(request),
  );
  const expects = open.map(({ expect }) => expect ?? 0);
  const { frames, rest, garbage } = frame(
    freshLink(scene.codec, scene.samples),
    [client.received],
    expects,
  );
  const met = `client ${index} got\n${show(client.received, 2000)}`;
  if (garbage) throw new Error(`no frame: ${show(rest)}\n${met}`);
  for (const { bytes, push } of frames) {
    if (push) continue;
    const at =
      scene.codec.ordering === "in-order" ? 0 : open.findIndex((request) => request.accepts(bytes));
    const request = open[at];
    if (request === undefined) throw new Error(`${show(bytes)} answers nothing\n${met}`);
    if (!request.accepts(bytes))
      throw new Error(`${show(bytes)} does not answer ${request.name}\n${met}`);
    open.splice(at, 1);
  }
  if (client.closed !== null) return; // the router ended it: what is missing can be seen
  if (rest.length > 0) throw new Error(`half a reply: ${show(rest)}\n${met}`);
  if (open[0] !== undefined) throw new Error(`${open[0].name} has no outcome\n${met}`);
}

function play(scene: Scene, steps: readonly Step[]): { net: Net; clients: NetClient[] } {
  const { codec, samples, servers, seed, weather, limits } = scene;
  const random = new Random(seed);
  const net = new Net({
    router: { codec, table: samples.table, limits, reusesInput: seed % 2 === 0 },
    serverAt: servers.serverAt,
    seed,
    weather,
  });
  const clients = Array.from({ length: scene.clients }, () => net.client());
  for (const { client, request } of steps) {
    clients[client]?.send(request.bytes);
    if (random.chance(0.2)) net.run(random.below(30));
  }
  net.run(120_000);
  return { net, clients };
}

function each(
  codec: Codec,
  samples: CodecSamples,
  seed: number,
  runs: number,
  rule: string,
  weathers: readonly Weather[],
  limits: Partial<Limits>,
  test: (scene: Scene, steps: readonly Step[]) => void,
): void {
  const { servers } = samples;
  if (servers === undefined) return;
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run);
    const clients = 1 + random.below(servers.clients ?? 3);
    const weather = random.pick(weathers);
    const scene: Scene = { codec, samples, servers, clients, seed: seed + run, weather, limits };
    const steps = Array.from({ length: 1 + random.below(30) }, (_, index) => {
      const client = random.below(clients);
      return { client, request: servers.request(random, client, index) };
    });
    const wrong = (some: readonly Step[]): string | null => {
      try {
        test(scene, some);
        return null;
      } catch (error) {
        return wordsOf(error);
      }
    };
    if (wrong(steps) === null) continue;
    const least = shrinkList(steps, (some) => wrong(some) !== null);
    const script = least.map(({ client, request }) => `client ${client}: ${request.name}`);
    throw new Noncompliance(
      rule,
      `seed ${scene.seed}, ${clients} clients\n${script.join("\n")}\n${wrong(least)}`,
    );
  }
}
