/** The person's settings, applied: time zone, theme, single keys. */
import { settings as server } from "$lib/api/server";
import type { Setting, SettingValue } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";
import { setSingleKeys } from "$lib/keyboard";
import { browserZone, isTimeZone } from "$lib/time";

const THEME_KEY = "everword.theme"; // read by theme.js before the first paint

class PreferencesStore {
  all = $state.raw<Setting[]>([]);

  readonly zone = $derived.by(() => {
    const value = this.valueOf("time_zone");
    return typeof value === "string" && isTimeZone(value) ? value : browserZone();
  });

  get(name: string): Setting | undefined {
    return this.all.find((setting) => setting.name === name);
  }

  valueOf(name: string): SettingValue | undefined {
    return this.get(name)?.value;
  }

  async load(): Promise<void> {
    this.#use((await server.read()).settings);
  }

  async change(name: string, value: SettingValue): Promise<void> {
    this.#use((await server.change({ [name]: value })).settings);
  }

  #use(all: Setting[]): void {
    this.all = all;
    setSingleKeys(this.valueOf("single_keys") !== false);
    showTheme(this.valueOf("theme"));
  }

  /** Follows changes made in another tab. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined" || heard.event.type === "setting.changed") void this.load().catch(() => undefined);
    });
  }
}

function showTheme(theme: SettingValue | undefined): void {
  const isChosen = theme === "light" || theme === "dark";
  if (isChosen) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  try {
    if (isChosen) localStorage.setItem(THEME_KEY, theme);
    else localStorage.removeItem(THEME_KEY);
  } catch {
    // Storage is closed: the theme is set again after the next sign-in.
  }
}

export const preferences = new PreferencesStore();
