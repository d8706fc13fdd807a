import type { Effects, Peer, Router } from "@echarde/core";
import { now } from "./clock.ts";
import { Outbox, recycle } from "./outbox.ts";
import { fullAt, type Socket, type SocketEvents } from "./sockets.ts";

/** What a connection needs of the loop that carries out effects. */
export interface Loop {
  /** Takes the inputs. */
  readonly router: Router;
  /** Does what an input asks. `cause` = the system's word for what brought the input. */
  carryOut(effects: Effects, cause?: string | null): void;
  /** Has the connection flushed at the end of the turn. */
  schedule(connection: Connection): void;
  /** The connection is over. */
  forget(connection: Connection): void;
}

/**
 * One peer of the router and its socket: passes events on as inputs, and
 * gathers what is to be written.
 *
 * ```
 *   live ──end "flush"──▶ ending ──flushed──▶ over       events of a connection that
 *     └────abort · lost · replaced by another dial────▶  is not live are ignored
 * ```
 */
export class Connection implements SocketEvents {
  /** The client or link. */
  readonly peer: Peer;
  /** Waits for the flush at the end of the turn. */
  scheduled = false;
  #state: "live" | "ending" | "over" = "live";
  #full = false;
  #socket: Socket | null = null;
  readonly #loop: Loop;
  readonly #outbox = new Outbox();

  constructor(loop: Loop, peer: Peer) {
    this.#loop = loop;
    this.peer = peer;
    peer.host = this;
  }

  /** Address of the other side, null when it has none. */
  get remote(): string | null {
    return this.#socket?.remote ?? null;
  }

  /** Gives it its socket. */
  attach(socket: Socket): void {
    this.#socket = socket;
  }

  // ---- events of the socket -----------------------------------------------

  opened(): void {
    const { router } = this.#loop;
    if (this.#state === "live") this.#loop.carryOut(router.opened(this.peer, now()));
  }

  bytes(chunk: Uint8Array): void {
    const { router } = this.#loop;
    if (this.#state === "live") this.#loop.carryOut(router.bytes(this.peer, chunk, now()));
  }

  drained(waiting: number): void {
    if (this.#state !== "live" || !this.#full) return;
    const { router } = this.#loop;
    this.#full = waiting > 0;
    this.#loop.carryOut(
      this.#full ? router.full(this.peer, waiting, now()) : router.drained(this.peer, now()),
    );
  }

  halfClosed(): void {
    const { router } = this.#loop;
    if (this.#state === "live") this.#loop.carryOut(router.halfClosed(this.peer, now()));
  }

  lost(error: Error | null = null): void {
    const wasLive = this.#state === "live";
    this.#over();
    if (wasLive) this.#loop.carryOut(this.#loop.router.lost(this.peer, now()), causeOf(error));
  }

  // ---- effects of the router ----------------------------------------------

  /** Writes at the end of the turn. */
  write(chunks: readonly Uint8Array[]): void {
    if (this.#state !== "live") return;
    for (const chunk of chunks) this.#outbox.append(chunk);
    if (!this.scheduled) this.#loop.schedule(this);
  }

  /** Reads, or stops reading. */
  read(on: boolean): void {
    if (this.#state !== "live") return;
    if (on) this.#socket?.resume();
    else this.#socket?.pause();
  }

  /** Closes when all is written. */
  end(): void {
    if (this.#state !== "live") return;
    this.#state = "ending";
    if (!this.scheduled) this.#loop.schedule(this);
  }

  /** Closes at once. */
  abort(): void {
    if (this.#state === "over") return;
    this.#socket?.destroy();
    this.#over();
  }

  /** Hands over what the turn has gathered. */
  flush(): void {
    if (this.#state === "over") return;
    if (!this.#outbox.empty && this.#socket !== null) {
      const chunks = this.#outbox.take();
      const waiting = this.#socket.write(chunks);
      if (waiting === 0) recycle(chunks);
      else if (waiting >= fullAt && !this.#full && this.#state === "live") {
        this.#full = true;
        this.#loop.carryOut(this.#loop.router.full(this.peer, waiting, now()));
      }
    }
    if (this.#state !== "ending") return;
    this.#socket?.end();
    this.#over();
  }

  #over(): void {
    this.#state = "over";
    if (this.peer.host === this) this.peer.host = undefined;
    this.#outbox.take();
    this.#loop.forget(this);
  }
}

/** The system's word for an error; its message may say more than a log should. */
function causeOf(error: Error | null): string | null {
  return error === null ? null : ((error as NodeJS.ErrnoException).code ?? error.name);
}
