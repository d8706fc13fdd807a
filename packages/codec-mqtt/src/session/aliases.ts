/** Topic aliases of a client: the router ends them, brokers never see one. MQTT 5.0, 3.3.2.3.4. */

/** See the module. */
export class Aliases {
  readonly #topics = new Map<number, Uint8Array>();
  readonly #most: number;

  /** `most` is what CONNACK told the client. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the client may use it. */
  isAllowed(alias: number): boolean {
    return alias > 0 && alias <= this.#most;
  }

  /** The client names its topic. */
  set(alias: number, topic: Uint8Array): void {
    this.#topics.set(alias, topic.slice());
  }

  /** The topic, null when the client has not named it. */
  get(alias: number): Uint8Array | null {
    return this.#topics.get(alias) ?? null;
  }
}
