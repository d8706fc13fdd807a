import type { ShardServer } from "../shard-server.ts";
import { TrafficTable } from "./traffic-table.ts";

/** Shows a server's traffic until it is stopped. */
export interface LiveTable {
  /** Shows the last state and leaves it on the screen. */
  stop(): void;
}

/** What is shown beside the traffic of each cluster. */
export interface LiveTableOptions {
  /** Address of each cluster by name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where to; a table that is redrawn on a terminal, lines elsewhere. */
  readonly stream: NodeJS.WriteStream;
  /** Milliseconds between states. Default: 500 on a terminal, 5,000 elsewhere. */
  readonly interval?: number;
}

/** Starts to show. */
export function showLive(server: ShardServer, options: LiveTableOptions): LiveTable {
  const table = new TrafficTable(options.addresses, options.stream);
  const show = (): void => {
    const { upstreams, clients } = server.stats();
    const connected = `${clients} client${clients === 1 ? "" : "s"} connected`;
    table.show({ upstreams, below: `${connected}. Ctrl-C ends everything.` });
  };
  if (table.terminal) show();
  const timer = setInterval(show, options.interval ?? (table.terminal ? 500 : 5_000));
  return {
    stop: () => {
      clearInterval(timer);
      show();
      table.done();
    },
  };
}
