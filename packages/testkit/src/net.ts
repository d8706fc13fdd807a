/**
 * A router, its clients and its servers in one process and in virtual time.
 *
 * ```
 *   client ══pipe══▶ router ══pipe══▶ server        pipes delay and cut, each in its own way:
 *          ◀══pipe══        ◀══pipe══               order holds inside a pipe, never between pipes
 * ```
 * Drives the router as a host does, and fails when the router breaks the
 * contract of its effects: an effect for a peer that is not there, anything
 * after an end, a write before a link stands, a deadline that a host would
 * spin on, a run that never comes to rest. Equal seeds give equal runs.
 */
import type { HostAsk, Router, RouterOptions } from "@echarde/core";
import type { ModelServer, ServerAt } from "./model-server.ts";
import { NetClient } from "./net-client.ts";
import { NetEffects } from "./net-effects.ts";
import { NetRun } from "./net-run.ts";
import { NetWires } from "./net-wires.ts";
import { fairWeather, type Weather } from "./weather.ts";

/** What a net is made of. */
export interface NetOptions {
  /** The router under test. With `reusesInput` the net overwrites inputs as such a host would. */
  readonly router: RouterOptions;
  /** The servers behind the table's endpoints and nodes; each is made once. */
  readonly serverAt: ServerAt;
  /** Of the schedule. */
  readonly seed: number;
  /** `fairWeather` unless given. */
  readonly weather?: Weather;
  /** Inputs after which the run counts as a livelock; 200,000 unless given. */
  readonly maxSteps?: number;
  /** The host's answers to asks; without it an ask is a failure. */
  readonly answer?: (ask: HostAsk) => unknown;
}

/** See the module. */
export class Net {
  readonly #run: NetRun;
  readonly #wires: NetWires;
  readonly #answer: NetOptions["answer"];

  /** Makes the router; nobody is connected. */
  constructor(options: NetOptions) {
    const { router, seed, serverAt, weather = fairWeather, maxSteps = 200_000 } = options;
    const reusesInput = router.reusesInput === true;
    this.#answer = options.answer;
    this.#run = new NetRun({
      ...{ router, seed, weather, maxSteps },
      carryOut: ({ list, asks }) => {
        for (const effect of list) effects.carryOut(effect);
        for (const ask of asks) this.#answers(ask);
      },
    });
    this.#wires = new NetWires({ run: this.#run, weather, serverAt, reusesInput });
    const effects = new NetEffects(this.#run, this.#wires, weather, reusesInput);
  }

  /** The router under test. */
  get router(): Router {
    return this.#run.router;
  }

  /** Virtual time, milliseconds. */
  get now(): number {
    return this.#run.now;
  }

  /** Inputs given so far. */
  get steps(): number {
    return this.#run.steps;
  }

  /** Links lost, refused or unanswered so far: what a test of faults must have met. */
  get faults(): number {
    return this.#wires.faults;
  }

  /** Connects a client. */
  client(): NetClient {
    const peer = this.router.open(this.now);
    const wires = this.#wires;
    const client = new NetClient({
      send: (bytes) => {
        connection.up.put(bytes);
        wires.deliverUp(connection);
      },
      halfClose: () => {
        connection.up.ending = true;
        wires.deliverUp(connection);
      },
      drop: () => {
        if (connection.state === "gone") return;
        client.closed = "dropped";
        wires.discard(connection);
        this.#run.input(`lost ${peer.key}`, (router, now) => router.lost(peer, now));
      },
      stall: (on) => {
        connection.down.paused = on;
        wires.deliverDown(connection);
      },
    });
    const connection = wires.connect(peer, null, "", client, "open");
    return client;
  }

  /** The server at an address; made when first asked for. */
  server(address: string): ModelServer {
    return this.#wires.server(address);
  }

  /** Takes a server off the net (its connections are reset, connects refused) or puts it back. */
  down(address: string, on: boolean): void {
    this.#wires.down(address, on);
  }

  /** Stops or goes on delivering what the router sends to a server. */
  hang(address: string, on: boolean): void {
    this.#wires.hang(address, on);
  }

  /** Puts another table in force. */
  swap(table: unknown): void {
    this.#run.input("swap", (router, now) => router.swap(table, now));
  }

  /** Lets time pass: at most `milliseconds`, less when nothing is left to happen. */
  run(milliseconds = 60_000): void {
    this.#run.run(milliseconds);
  }

  /** Drops all clients and lets the router come to rest; then it must hold nothing. */
  close(): void {
    for (const { client } of [...this.#wires.connections.values()]) client?.drop();
    this.run();
    const { sessions, heldBytes } = this.router;
    if (sessions > 0) this.#run.fail(`${sessions} sessions outlive clients`);
    if (heldBytes !== 0) this.#run.fail(`the router holds ${heldBytes} bytes for nobody`);
  }

  #answers(ask: HostAsk): void {
    const answer = this.#answer;
    if (answer === undefined) this.#run.fail(`nobody answers "${ask.topic}"`);
    this.#run.later(() => {
      this.#run.input(`answer ${ask.topic}`, (router, now) => router.answer(ask, answer(ask), now));
    });
  }
}
