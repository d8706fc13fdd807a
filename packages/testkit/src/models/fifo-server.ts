import type { ModelServer, ServerOutput } from "../model-server.ts";
import { latin1, textOf } from "../text.ts";

interface Connection {
  db: string;
  text: string;
  /** Waits for an element of this list; requests behind wait, too. */
  blocked: string | null;
}

/** A server of the model `fifo`. Refuses settings other than `USE 0` to `USE 3`. */
export class FifoServer implements ModelServer {
  readonly #values = new Map<string, string>();
  readonly #lists = new Map<string, string[]>();
  readonly #connections = new Map<number, Connection>();

  opened(connection: number): readonly ServerOutput[] {
    this.#connections.set(connection, { db: "0", text: "", blocked: null });
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#connections.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    const client = this.#connections.get(connection);
    if (client === undefined) return [];
    client.text += textOf(bytes);
    const outputs: ServerOutput[] = [];
    this.#serve(outputs);
    return outputs;
  }

  /** Runs what can run, on any connection, until nothing can. */
  #serve(outputs: ServerOutput[]): void {
    for (let again = true; again; ) {
      again = false;
      for (const [connection, client] of this.#connections) {
        const reply = this.#step(client);
        if (reply === null) continue;
        again = true;
        const end = reply === "+bye\n" || reply === "-bad\n";
        if (end) this.#connections.delete(connection);
        outputs.push({ connection, bytes: latin1(reply), end });
      }
    }
  }

  #step(client: Connection): string | null {
    if (client.blocked !== null) {
      const value = this.#lists.get(client.blocked)?.shift();
      if (value === undefined) return null;
      client.blocked = null;
      return `+${value}\n`;
    }
    const at = client.text.indexOf("\n");
    if (at < 0) return null;
    const [name = "", ...args] = client.text.slice(0, at).split(" ");
    client.text = client.text.slice(at + 1);
    return this.#run(client, name, args);
  }

  #run(client: Connection, name: string, args: readonly string[]): string {
    const key = `${client.db}:${args[0]}`;
    switch (name) {
      case "GET":
        return `${this.#get(key)}\n`;
      case "SET":
      case "QSET":
        this.#values.set(key, args[1] ?? "");
        return name === "SET" ? "+ok\n" : "";
      case "MGET":
        return `${args.map((arg) => this.#get(`${client.db}:${arg}`)).join(" ")}\n`;
      case "COUNT":
        return `:${[...this.#values.keys()].filter((k) => k.startsWith(`${client.db}:`)).length}\n`;
      case "PUSH": {
        const list = this.#lists.get(key) ?? [];
        this.#lists.set(key, list);
        return `:${list.push(args[1] ?? "")}\n`;
      }
      case "POP":
        client.blocked = key;
        return "";
      case "USE":
        if (!/^[0-3]$/.test(args[0] ?? "")) return "-no such db\n";
        client.db = args[0] ?? "";
        return "+ok\n";
      case "RESET":
        client.db = "0";
        return "+reset\n";
      case "NOP":
        return "";
      case "ECHO":
        return `+${args.join(" ")}\n`;
      case "QUIT":
        return "+bye\n";
      default:
        return "-bad\n";
    }
  }

  #get(key: string): string {
    const value = this.#values.get(key);
    return value === undefined ? "_" : `+${value}`;
  }
}
