/** Protocols whose refusals the sticky route can write: a connection of another one could only be closed. */
export const stickyProtocols: readonly string[] = ["redis"];
