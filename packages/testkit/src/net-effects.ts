/**
 * Carries out what the router asks for, and fails the run when that breaks
 * the contract of effects.
 */
import type { Effect, Peer } from "@echarde/core";
import type { NetRun } from "./net-run.ts";
import type { NetWires } from "./net-wires.ts";
import type { Weather } from "./weather.ts";

/** See the module. */
export class NetEffects {
  readonly #run: NetRun;
  readonly #wires: NetWires;
  readonly #weather: Weather;
  readonly #reusesInput: boolean;

  /** `reusesInput`: the host overwrites the memory of inputs, so what is to be written is copied. */
  constructor(run: NetRun, wires: NetWires, weather: Weather, reusesInput: boolean) {
    this.#run = run;
    this.#wires = wires;
    this.#weather = weather;
    this.#reusesInput = reusesInput;
  }

  /** Does what the router asks for. */
  carryOut(effect: Effect): void {
    const { peer, open, write, read, end } = effect;
    this.#run.note(
      `  ${peer.key}:${open === null ? "" : ` open ${open.endpoint}`}${write.length > 0 ? ` ${write.reduce((sum, chunk) => sum + chunk.length, 0)} bytes` : ""}${read === null ? "" : ` read ${read}`}${end === null ? "" : ` ${end}`}`,
    );
    if (open !== null) this.#connect(peer, open.endpoint);
    const connection = this.#wires.connections.get(peer);
    if (connection === undefined) this.#run.fail(`an effect for ${peer.key}, which is not there`);
    const { down, up } = connection;
    if (connection.state === "gone" || down.ending) {
      if (write.length > 0 || read !== null) this.#run.fail(`${peer.key} is used after its end`);
      if (connection.state === "gone") this.#wires.connections.delete(peer);
      return;
    }
    if (write.length > 0 && connection.state !== "open") {
      this.#run.fail(`a write to ${peer.key}, which does not stand yet`);
    }
    for (const chunk of write) {
      if (chunk.length === 0) this.#run.fail(`an empty write to ${peer.key}`);
      down.put(this.#reusesInput ? chunk.slice() : chunk);
    }
    if (read !== null) up.paused = !read;
    if (end === "abort") {
      if (connection.client !== null) connection.client.closed = "abort";
      this.#wires.discard(connection);
      this.#wires.connections.delete(peer);
      if (this.#run.random.chance(0.3)) {
        this.#run.later(() => {
          this.#run.input(`lost ${peer.key} after its end`, (router, now) =>
            router.lost(peer, now),
          );
        });
      }
      return;
    }
    if (end === "flush") down.ending = true;
    if (down.size > this.#weather.highWater && !connection.full) {
      connection.full = true;
      this.#run.later(() => {
        this.#wires.tellFull(connection);
      }, 0);
    }
    this.#wires.deliverDown(connection);
    this.#wires.deliverUp(connection);
  }

  #connect(peer: Peer, address: string): void {
    const before = this.#wires.connections.get(peer);
    if (before?.state === "open") this.#run.fail(`${peer.key} is opened twice`);
    if (before !== undefined) this.#wires.discard(before); // the attempt before this one is given up
    const connection = this.#wires.connect(
      peer,
      this.#wires.server(address),
      address,
      null,
      "connecting",
    );
    const { refuse, unanswered } = this.#weather;
    const refused = this.#run.random.chance(refuse);
    if (this.#run.random.chance(unanswered)) {
      this.#wires.faults += 1;
      return;
    }
    this.#run.later(() => {
      if (connection.state !== "connecting") return;
      if (refused || this.#wires.isDown(address)) {
        this.#wires.faults += 1;
        this.#wires.discard(connection);
        this.#run.input(`refused ${peer.key}`, (router, now) => router.lost(peer, now));
        return;
      }
      connection.state = "open";
      this.#wires.serve(this.#wires.server(address).opened(connection.number));
      this.#run.input(`opened ${peer.key}`, (router, now) => router.opened(peer, now));
    });
  }
}
