/** The places of the navigation, in their order. */
import type { IconName } from "$lib/parts/names";
import { paths, type Route } from "$lib/routes";
import { strings as s } from "$lib/strings";

export interface Place {
  screen: Route["screen"];
  href: string;
  icon: IconName;
  name: string;
  shortName?: string;
  key: string;
}

export const places: Place[] = [
  { screen: "today", href: paths.today, icon: "today", name: s.nav.today, key: "t" },
  { screen: "needs you", href: paths.needsYou, icon: "needs", name: s.nav.needsYou, key: "n" },
  { screen: "work", href: paths.work, icon: "work", name: s.nav.work, key: "w" },
  {
    screen: "conversations",
    href: paths.conversations,
    icon: "chat",
    name: s.nav.conversations,
    shortName: s.nav.conversationsShort,
    key: "o",
  },
  { screen: "memory", href: paths.words, icon: "memory", name: s.nav.memory, key: "m" },
  { screen: "models", href: paths.models, icon: "models", name: s.nav.models, shortName: s.nav.modelsShort, key: "c" },
  { screen: "settings", href: paths.settings, icon: "settings", name: s.nav.settings, key: "s" },
];

/** An opened item belongs to the place that lists it. */
export function isAt(place: Place, route: Route): boolean {
  if (place.screen === route.screen) return true;
  if (place.screen === "conversations") return route.screen === "conversation";
  if (place.screen === "work") return ["schedules", "triggers", "tasks"].includes(route.screen);
  if (place.screen === "models") return route.screen === "servers";
  return place.screen === "memory" && route.screen === "entry";
}
