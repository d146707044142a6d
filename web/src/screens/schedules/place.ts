/** Where a schedule is kept in this browser while it is typed: a new one, or the change of one that is there. */
import type { Schedule } from "$lib/api/types";

export const placeOf = (schedule?: Schedule) => `schedule.${schedule?.id ?? "new"}`;
