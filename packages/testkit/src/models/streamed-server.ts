import type { ModelServer, ServerOutput } from "../model-server.ts";
import { latin1, textOf } from "../text.ts";

/** A server of the model `streamed`. */
export class StreamedServer implements ModelServer {
  readonly #values = new Map<string, string>();
  readonly #inputs = new Map<number, string>();

  opened(connection: number): readonly ServerOutput[] {
    this.#inputs.set(connection, "");
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#inputs.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    let text = (this.#inputs.get(connection) ?? "") + textOf(bytes);
    const outputs: ServerOutput[] = [];
    for (;;) {
      const at = text.indexOf("\n");
      if (at < 0) break;
      const [name = "", key = "", length = "0"] = text.slice(0, at).split(" ");
      const end = at + 1 + (name === "PUT" ? Number(length) : 0);
      if (text.length < end) break;
      if (name === "PUT") this.#values.set(key, text.slice(at + 1, end));
      text = text.slice(end);
      outputs.push({ connection, bytes: latin1(this.#reply(name, key)), end: false });
    }
    this.#inputs.set(connection, text);
    return outputs;
  }

  #reply(name: string, key: string): string {
    const value = this.#values.get(key) ?? "";
    switch (name) {
      case "PUT":
        return "ok\n";
      case "GET":
        return `${value.length}\n${value}`;
      case "HEAD":
        return `${value.length}\n`;
      case "LIST":
        return `${[...this.#values.keys()]
          .sort()
          .map((each) => `${each}\n`)
          .join("")}.\n`;
      default:
        return "!bad\n";
    }
  }
}
