/**
 * Which links the plain requests of a connection go to, learnt from what its router does with them.
 *
 * ```
 *   nothing known ──begin──▶ learning ──all is answered──▶ known
 *        ▲ ──────────────a request that is not plain, a link that changes──────────┘
 * ```
 */
export class PlainLinks {
  /** By cluster, as the table counts them; empty = none is known. */
  known: number[] = [];
  /** Nothing but plain requests has been sent for a while, and not all of them are answered. */
  learning = false;
  #answered = false;
  readonly #tried = new Map<number, number>();

  /** A plain request comes while nothing is open. */
  begin(): void {
    this.learning = true;
  }

  /** Something was sent to a link. One that is not shared holds a state that the router must see. */
  sent(cluster: number, link: number, shared: boolean): void {
    const other = this.#tried.get(cluster) ?? link;
    if (cluster < 0 || other !== link || !shared) this.forget();
    else this.#tried.set(cluster, link);
  }

  /** The client got something. */
  answered(): void {
    this.#answered = true;
  }

  /** All is answered: requests that follow may go where those went, unless the client gets no replies. */
  settle(): void {
    if (!this.learning || !this.#answered) return;
    for (const [cluster, link] of this.#tried) this.known[cluster] = link;
    this.learning = false;
    this.#tried.clear();
  }

  /** A request that is not plain may change where others go, or what becomes of their replies. */
  forget(): void {
    this.known = [];
    this.#tried.clear();
    this.learning = false;
    this.#answered = false;
  }
}
