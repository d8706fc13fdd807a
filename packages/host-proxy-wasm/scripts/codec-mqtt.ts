/** The codec of modules for MQTT. */
import { mqtt } from "@echarde/codec-mqtt";

const plain = mqtt();
let made = 0;

/**
 * With the options of the table. Each client has a router of its own, and the snapshot froze
 * `Math.random`: ids for clients that have none differ by the nanoseconds of the clock.
 */
export const codec: ReturnType<typeof mqtt> = {
  ...plain,
  start: (router) => {
    made += 1;
    const seed = `${Math.floor((performance.now() * 1_000_000) % 1e12).toString(36)}${made.toString(36)}`;
    return mqtt({ seed }).start(router);
  },
};
