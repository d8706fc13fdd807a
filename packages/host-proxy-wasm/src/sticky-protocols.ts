/** Protocols that the sticky route knows enough of. */
export const stickyProtocols: readonly string[] = ["influx", "kafka", "mqtt", "redis"];
