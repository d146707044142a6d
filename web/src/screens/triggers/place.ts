/** Where a trigger is kept in this browser while it is typed: a new one, or the change of one that is there. */
import type { Trigger } from "$lib/api/types";

export const placeOf = (trigger?: Trigger) => `trigger.${trigger?.id ?? "new"}`;
