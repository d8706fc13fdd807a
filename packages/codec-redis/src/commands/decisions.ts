/**
 * What becomes of every command. No command has a default: a test compares
 * this list with the generated table. `how` is the line of the support table.
 */

/** How the session carries a command out. */
export type DecisionKind =
  /** The cluster that owns its keys gets the very bytes; keys on several clusters: CROSSSLOT. */
  | "keyed"
  /** As keyed, patterns of BY and GET looked at. */
  | "sort"
  /** As keyed, may wait: on a private link. */
  | "blocking"
  /** Blocking only with BLOCK. */
  | "maybe-blocking"
  /** Keys by numkeys; without keys one fixed cluster. */
  | "script"
  /** As script, and changes nothing. */
  | "script-ro"
  /** Split by cluster, values put back by position. */
  | "mget"
  /** Split by cluster in pairs, all must say OK. */
  | "mset"
  /** Split by cluster, integers added. */
  | "sum"
  /** One fixed cluster gets the very bytes. */
  | "keyless"
  /** All clusters, all must succeed; the first reply. */
  | "broadcast"
  /** All clusters, replies must be equal. */
  | "broadcast-same"
  /** All clusters, integers added. */
  | "broadcast-sum"
  /** All clusters, logical and by position. */
  | "broadcast-and"
  /** All clusters on links of their own, one success is enough. */
  | "broadcast-any"
  /** All clusters, elements concatenated. */
  | "keys"
  /** One cluster after another until one has a key. */
  | "randomkey"
  /** One cluster a call, its index inside the cursor. */
  | "scan"
  /** All clusters, merged line by line. */
  | "info"
  /** All clusters, union of elements. */
  | "pubsub-channels"
  /** Each channel's cluster; channel and number put back by position. */
  | "pubsub-numsub"
  /** All clusters, the largest integer. */
  | "pubsub-numpat"
  | "publish"
  | "spublish"
  | "subscribe"
  | "unsubscribe"
  | "psubscribe"
  | "punsubscribe"
  | "ssubscribe"
  | "sunsubscribe"
  | "multi"
  | "exec"
  | "discard"
  | "watch"
  | "unwatch"
  | "auth"
  | "hello"
  | "select"
  | "reset"
  | "quit"
  | "ping"
  | "echo"
  | "role"
  | "client-setname"
  | "client-getname"
  | "client-id"
  | "client-info"
  | "client-list"
  | "client-setinfo"
  | "client-reply"
  | "client-trackinginfo"
  | "client-getredir"
  /** Answered `+OK`: the setting has no meaning here. */
  | "client-noted"
  /** Refused unless the option `admin` is set; then one fixed cluster. */
  | "admin-keyless"
  /** Refused unless the option `admin` is set; then all clusters, all must succeed. */
  | "admin-broadcast"
  /** Refused unless the option `admin` is set; then all clusters, integers added. */
  | "admin-sum"
  /** `text` is the answer: what a server without that feature says. */
  | "refuse"
  /** A container alone: only ever an error of arity. */
  | "container";

/** What becomes of a command. */
export interface Decision {
  /** How the session carries it out. */
  readonly kind: DecisionKind;
  /** One line for the support table. */
  readonly how: string;
  /** `refuse`: the error behind the `-`. "" otherwise. */
  readonly text: string;
}

/** Decision of a command of the table, undefined for a name that nobody has reviewed. */
export function decisionOf(name: string): Decision | undefined {
  return decisions.get(name);
}

/** Names with a decision. */
export function decidedNames(): readonly string[] {
  return [...decisions.keys()];
}

/** Makes a decision for a command of a configuration. */
export function decide(kind: DecisionKind, how: string, text = ""): Decision {
  return { kind, how, text };
}

/** What a server without cluster mode says of it. */
export const CLUSTER_OFF = "ERR This instance has cluster support disabled";

type Entry = readonly [kind: DecisionKind, how: string, names: string, text?: string];

const entries: readonly Entry[] = [
  [
    "keyed",
    "To the cluster that owns the key, bytes untouched",
    `append bitcount bitfield bitfield_ro bitpos decr decrby dump expire expireat expiretime get getbit
     getdel getex getrange getset hdel hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset
     hrandfield hscan hset hsetnx hstrlen hvals incr incrby incrbyfloat lindex linsert llen lpop lpos
     lpush lpushx lrange lrem lset ltrim memory|usage object|encoding object|freq object|idletime
     object|refcount persist pexpire pexpireat pexpiretime pfadd psetex pttl restore rpop rpush rpushx
     sadd scard set setbit setex setnx setrange sismember smembers smismember spop srandmember srem
     sscan strlen substr ttl type zadd zcard zcount zincrby zlexcount zmscore zpopmax zpopmin
     zrandmember zrange zrangebylex zrangebyscore zrank zrem zremrangebylex zremrangebyrank
     zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore
     geoadd geodist geohash geopos georadius_ro georadiusbymember_ro geosearch
     xack xadd xautoclaim xclaim xdel xgroup|create xgroup|createconsumer xgroup|delconsumer
     xgroup|destroy xgroup|setid xinfo|consumers xinfo|groups xinfo|stream xlen xpending xrange
     xrevrange xsetid xtrim`,
  ],
  [
    "keyed",
    "All keys on one cluster, else CROSSSLOT",
    `bitop geosearchstore georadius georadiusbymember lcs lmove lmpop pfcount pfmerge rename renamenx
     rpoplpush sdiff sdiffstore sinter sintercard sinterstore smove sunion sunionstore zdiff zdiffstore
     zinter zintercard zinterstore zmpop zrangestore zunion zunionstore`,
  ],
  ["keyed", "All keys on one cluster, else CROSSSLOT: all or none is set at once", "msetnx"],
  ["keyed", "Both keys on one cluster, else CROSSSLOT; the database may be another one", "copy"],
  [
    "keyed",
    "Inside the cluster that owns the key: its owner is the same in every database",
    "move",
  ],
  [
    "sort",
    "All keys on one cluster; BY and GET patterns refused as in cluster mode",
    "sort sort_ro",
  ],
  ["mget", "Split by cluster, values in the order asked for", "mget"],
  ["mset", "Split by cluster; each cluster's part is atomic, the whole is not", "mset"],
  ["sum", "Split by cluster, numbers added", "del exists touch unlink"],
  [
    "blocking",
    "All keys on one cluster, on a connection of the client's own",
    "blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin",
  ],
  ["maybe-blocking", "All keys on one cluster; own connection with BLOCK", "xread xreadgroup"],
  [
    "script",
    "To the owner of the declared keys; without keys to one fixed cluster",
    "eval evalsha fcall",
  ],
  [
    "script-ro",
    "To the owner of the declared keys; without keys to one fixed cluster",
    "eval_ro evalsha_ro fcall_ro",
  ],
  ["broadcast-same", "To all clusters, which must agree", "script|load function|load"],
  ["broadcast-and", "To all clusters, a script exists if all have it", "script|exists"],
  [
    "broadcast",
    "To all clusters, all must succeed",
    "script|flush function|delete function|flush function|restore flushall flushdb memory|purge",
  ],
  [
    "broadcast-any",
    "To all clusters on separate connections, one success is enough",
    "script|kill function|kill",
  ],
  [
    "keyless",
    "From one fixed cluster: all hold the same functions",
    "function|list function|dump function|stats",
  ],
  ["broadcast-sum", "Sum over all clusters", "dbsize"],
  ["keys", "From all clusters, no order", "keys"],
  ["randomkey", "One cluster after another, the first in turn changes", "randomkey"],
  ["scan", "One cluster a call; the cursor carries its index", "scan"],
  ["info", "Merged over all clusters", "info"],
  [
    "keyless",
    "From one fixed cluster",
    `time lastsave lolwut command command|count command|docs command|getkeys command|getkeysandflags
     command|info command|list acl|cat acl|genpass`,
  ],
  [
    "keyless",
    "From one fixed cluster; refused unless `admin` is set when the router has credentials or users",
    "config|get",
  ],
  [
    "keyless",
    "From one fixed cluster; answered here when the router has credentials or users",
    "acl|whoami",
  ],
  [
    "keyless",
    "Help text from one fixed cluster",
    `acl|help client|help cluster|help command|help config|help function|help latency|help memory|help
     module|help object|help pubsub|help script|help slowlog|help xgroup|help xinfo|help`,
  ],
  ["publish", "To the owner of the channel", "publish"],
  ["spublish", "To the owner of the channel", "spublish"],
  ["subscribe", "At the owner of each channel, on connections of the client's own", "subscribe"],
  ["unsubscribe", "At the owner of each channel", "unsubscribe"],
  ["psubscribe", "At all clusters: a message exists on one of them only", "psubscribe"],
  ["punsubscribe", "At all clusters, as PSUBSCRIBE", "punsubscribe"],
  ["ssubscribe", "At the owner; all channels on one cluster, else CROSSSLOT", "ssubscribe"],
  ["sunsubscribe", "At the owner of each channel", "sunsubscribe"],
  ["pubsub-channels", "Union over all clusters", "pubsub|channels pubsub|shardchannels"],
  ["pubsub-numsub", "From the owner of each channel", "pubsub|numsub pubsub|shardnumsub"],
  ["pubsub-numpat", "Largest over all clusters: patterns stand on each", "pubsub|numpat"],
  ["multi", "Begins a transaction on the cluster of its first key", "multi"],
  ["exec", "Runs the transaction on that cluster", "exec"],
  ["discard", "Drops the transaction", "discard"],
  ["watch", "All watched keys on one cluster, else CROSSSLOT", "watch"],
  ["unwatch", "Forgets the watched keys", "unwatch"],
  [
    "auth",
    "Checked by the clusters, or by the router if it has users or credentials; links of different users are never shared",
    "auth",
  ],
  ["hello", "Answered here, RESP2 and RESP3", "hello"],
  ["select", "Moves the session to connections of that database", "select"],
  ["reset", "Clears the session", "reset"],
  ["quit", "Answered here, then the connection ends", "quit"],
  ["ping", "Answered here", "ping"],
  ["echo", "Answered here", "echo"],
  ["role", "Answered here: a master without replicas", "role"],
  ["client-setname", "Kept in the session", "client|setname"],
  ["client-getname", "From the session", "client|getname"],
  ["client-id", "From the session", "client|id"],
  ["client-info", "From the session", "client|info"],
  ["client-list", "Of this session alone", "client|list"],
  ["client-setinfo", "Kept in the session", "client|setinfo"],
  ["client-reply", "Kept in the session", "client|reply"],
  ["client-trackinginfo", "Answered here: off", "client|trackinginfo"],
  ["client-getredir", "Answered here: not redirected", "client|getredir"],
  ["client-noted", "Answered OK, without effect", "client|no-evict client|no-touch"],
  [
    "refuse",
    "Refused: invalidation pushes are not carried",
    "client|tracking client|caching",
    "ERR client tracking is not supported through this proxy",
  ],
  [
    "refuse",
    "Refused: connections of other clients are not addressed through the proxy",
    "client|kill client|pause client|unblock client|unpause",
    "",
  ],
  [
    "refuse",
    "Answered as a server without cluster mode",
    `asking readonly readwrite cluster|addslots cluster|addslotsrange cluster|bumpepoch
     cluster|count-failure-reports cluster|countkeysinslot cluster|delslots cluster|delslotsrange
     cluster|failover cluster|flushslots cluster|forget cluster|getkeysinslot cluster|info
     cluster|keyslot cluster|links cluster|meet cluster|myid cluster|nodes cluster|replicas
     cluster|replicate cluster|reset cluster|saveconfig cluster|set-config-epoch cluster|setslot
     cluster|shards cluster|slaves cluster|slots`,
    CLUSTER_OFF,
  ],
  ["refuse", "Refused as in cluster mode", "swapdb", "ERR SWAPDB is not allowed in cluster mode"],
  ["refuse", "Refused: speaks of the writes of one upstream connection, which is shared", "wait"],
  ["refuse", "Refused: an endless stream of one server's commands", "monitor"],
  [
    "refuse",
    "Refused: replication is between servers",
    "psync sync replconf replicaof slaveof failover",
  ],
  ["refuse", "Refused: opens connections from the server to others, past the routing", "migrate"],
  ["refuse", "Refused: for the servers of a Redis Cluster", "restore-asking"],
  [
    "refuse",
    "Refused: ends or blocks a server that others use",
    "shutdown debug save script|debug",
  ],
  ["refuse", "Refused: for tests of the server itself", "pfdebug pfselftest"],
  [
    "refuse",
    "Refused: modules are loaded where the server is run",
    "module|load module|loadex module|unload",
  ],
  [
    "admin-broadcast",
    "Refused unless `admin` is set; then to all clusters",
    `bgrewriteaof bgsave config|set
     config|resetstat config|rewrite slowlog|reset acl|deluser acl|load acl|save acl|setuser`,
  ],
  [
    "admin-sum",
    "Refused unless `admin` is set; then the sum over all clusters",
    "slowlog|len latency|reset",
  ],
  [
    "admin-keyless",
    "Refused unless `admin` is set; then from one fixed cluster",
    `slowlog|get
     acl|dryrun acl|getuser acl|list acl|log acl|users latency|doctor latency|graph latency|histogram
     latency|history latency|latest memory|doctor memory|malloc-stats memory|stats module|list`,
  ],
  [
    "container",
    "Takes a subcommand",
    `acl client cluster config function latency memory module object
     pubsub script slowlog xgroup xinfo`,
  ],
];

const decisions: ReadonlyMap<string, Decision> = build();

function build(): Map<string, Decision> {
  const map = new Map<string, Decision>();
  for (const [kind, how, names, text] of entries) {
    for (const name of names.trim().split(/\s+/)) {
      if (map.has(name)) throw new Error(`two decisions for ${name}`);
      const refusal = text || `ERR '${name}' is not supported through this proxy`;
      map.set(name, { kind, how, text: kind === "refuse" ? refusal : "" });
    }
  }
  return map;
}
