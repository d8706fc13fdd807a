/** The traffic of each broker for people: a table that is redrawn on a terminal, lines elsewhere. */
import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import type { ShardServer } from "../shard-server.ts";
import type { LiveTable } from "./live-table.ts";

/** Shows the brokers at `addresses` (by name) until it is stopped. The server has to count its requests. */
export function showBrokers(
  server: ShardServer,
  addresses: ReadonlyMap<string, string>,
  stream: NodeJS.WriteStream,
): LiveTable {
  const terminal = stream.isTTY === true;
  const update = terminal ? createLogUpdate(stream, { showCursor: true }) : null;
  let last = "";
  const show = (): void => {
    const { upstreams, clients } = server.stats();
    const rows = [...addresses].map(([name, address]) => {
      const own = upstreams.find((each) => each.name === name);
      const published = own?.commands.get("PUBLISH")?.oneWay ?? 0;
      const { bytesOut = 0, bytesIn = 0 } = own?.stats ?? {};
      return { name, address, links: own?.links ?? 0, published, bytesOut, bytesIn };
    });
    if (update !== null) {
      const table = new Table({
        head: ["cluster", "address", "links", "published", "bytes to it", "bytes from it"],
        colAligns: ["left", "left", "right", "right", "right", "right"],
        style: { head: ["bold"], border: [], compact: true },
      });
      for (const row of rows) table.push(Object.values(row).map(String));
      const connected = `${clients} client${clients === 1 ? "" : "s"} connected`;
      update(`${table.toString()}\n${connected}. Ctrl-C ends everything.`);
      return;
    }
    const state = rows.map(({ published, bytesIn }) => `${published} ${bytesIn}`).join();
    const quiet = last === "" && rows.every(({ bytesIn }) => bytesIn === 0);
    if (state !== last && !quiet) {
      for (const { name, links, published, bytesOut, bytesIn } of rows) {
        stream.write(
          `${name}: ${published} published, ${bytesOut} bytes to it, ${bytesIn} from it, ${links} links\n`,
        );
      }
      last = state;
    }
  };
  if (terminal) show();
  const timer = setInterval(show, terminal ? 500 : 5_000);
  return {
    stop: () => {
      clearInterval(timer);
      show();
      update?.done();
    },
  };
}
