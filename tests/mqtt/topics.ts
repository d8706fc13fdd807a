/** Topics of scripts, the filters that clients have on them, and who owns them. */

/** Of all owners. */
export const topics: readonly string[] = [
  ...["a", "a/1", "a/2/x", "b", "b/1", "b/2/x", "c", "site/1/alert/p", "site/1/temp"],
  ...["site/2/alert/q", "dev/1/t", "dev/2/t", "dev/3/t", "dev/4/t", "/", "a//x"],
];
/** For shared subscriptions: no wildcard elsewhere matches them. */
export const sharedTopics: readonly string[] = ["$q/1", "$q/2", "$q/3"];
/** Of wills, for each client. */
export const willTopics: readonly string[] = ["will", "a/will", "dev/will", "site/will/alert"];
/** What the watcher subscribes to: all of these. */
export const willFilters: readonly string[] = willTopics.map((topic) => `${topic}/#`);
/** Subscriptions, many of which overlap. */
export const filters: readonly string[] = [
  ...topics,
  ...["#", "a/#", "+/1", "site/+/alert/#", "site/#", "dev/+/t", "+/+/+", "b/+", "+/#", "a/+/x"],
  ...["+", "dev/2/#", "/#", "+//x", "nobody/publishes/this"],
];
/** Shared subscriptions. */
export const sharedFilters: readonly string[] = [
  ...["$share/g/$q/#", "$share/g/$q/#", "$share/h/$q/+", "$share/g/$q/2"],
];
/** One topic of each broker's: what comes on them has come behind all before it. */
export const marks: readonly string[] = ["$mark/1", "$mark/2", "$mark/3"];

/** Rules that spread these topics over m1, m2 and, if there is one, m3. */
export function rulesFor(brokers: number): readonly object[] {
  const third = brokers > 2 ? "m3" : "m1";
  const names = Array.from({ length: brokers }, (_, i) => `m${i + 1}`);
  return [
    { prefix: "a", cluster: "m2" },
    { key: "b/1", cluster: third },
    { filter: "site/+/alert/#", cluster: "m2" },
    { filter: "dev/#", hash: "rendezvous", over: names, level: 1 },
    { prefix: "$q/2", cluster: "m2" },
    { prefix: "$q/3", cluster: third },
    { key: "$mark/2", cluster: "m2" },
    { key: "$mark/3", cluster: third },
  ];
}
