/** How large what is measured is. */
export interface RedisSize {
  /** Servers behind a proxy. */
  readonly shards: number;
  /** Rules of the table beside that of the hash: keys and prefixes that no request has. Of echarde alone. */
  readonly routes: number;
  /** Connections at once. */
  readonly clients: number;
}

/** Unless a series says otherwise. */
export const usualSize: RedisSize = { shards: 3, routes: 0, clients: 50 };
