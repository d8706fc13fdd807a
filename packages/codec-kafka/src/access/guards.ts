/** Which guard looks at which API. A test says that those without one name nothing that has an owner. */
import { groupGuards } from "./group-guards.ts";
import type { Guard } from "./guard.ts";
import { metadataGuards } from "./metadata-guards.ts";
import { offsetFetchGuard } from "./offset-fetch-guard.ts";
import { producerGuards } from "./producer-guards.ts";
import { topicGuards } from "./topic-guards.ts";

/** Each guard takes the messages of its own API alone, which only its key tells. */
type AnyGuard = Guard<object, object>;

/** Guards by key of their API. */
export const guards: ReadonlyMap<number, AnyGuard> = new Map(
  (
    [
      ...topicGuards,
      ...groupGuards,
      ...producerGuards,
      ...metadataGuards,
      offsetFetchGuard,
    ] as readonly AnyGuard[]
  ).map((guard) => [guard.key, guard]),
);
