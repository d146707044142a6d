/**
 * Telling of a run that waits, by the browser's own notices: off until the person asks for them, in this browser alone.
 * What may be told the server's gate has decided (quiet hours among it); here only that nobody looks at a page of ours.
 */
import type { Notice } from "$lib/events/types";
import { router } from "$lib/router.svelte";
import { paths } from "$lib/routes";
import { strings as s } from "$lib/strings";

const KEY = "everword.notices";

type Standing = "off" | "on" | "refused" | "impossible";

class Notices {
  standing = $state<Standing>(standingNow());

  /** Asks the browser, which asks the person. Call it from a press of a button: browsers refuse it elsewhere. */
  async turnOn(): Promise<void> {
    if (this.standing === "impossible") return;
    const answer = await Notification.requestPermission();
    keep(answer === "granted");
    this.standing = standingNow();
  }

  turnOff(): void {
    keep(false);
    this.standing = standingNow();
  }
}

const LOOKED_AT = "everword.looked-at";

/** Settles once this page's own lock is back: a browser takes a moment for that after the page is hidden. */
let ownLock: Promise<unknown> = Promise.resolve();

/** While this page is visible it holds a lock that the other tabs can see; it goes with the tab. Returns the undoing. */
export function holdWhileVisible(): () => void {
  let release: (() => void) | null = null;
  const follow = (): void => {
    if (document.visibilityState === "visible" && !release) {
      const gone = new Promise<void>((resolve) => (release = resolve));
      ownLock = navigator.locks?.request(LOOKED_AT, { mode: "shared" }, () => gone) ?? gone;
    } else if (document.visibilityState !== "visible") {
      release?.();
      release = null;
    }
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    release?.();
  };
}

async function isLookedAt(): Promise<boolean> {
  if (document.visibilityState === "visible") return true;
  await ownLock;
  const held = (await navigator.locks?.query())?.held ?? [];
  return held.some(({ name }) => name === LOOKED_AT);
}

/** Not more than that it waits, and its title: others may see the screen. Nothing while a page is looked at. */
export async function tell(notice: Notice, runId: string): Promise<void> {
  if (notices.standing !== "on" || (await isLookedAt())) return;
  const what = s.needsYou.notices.waits[notice.kind];
  const options = { body: notice.title, tag: runId, icon: "/icon-192.png" }; // a tag: every open tab tells, one notice is shown
  try {
    const shown = new Notification(what, options);
    shown.onclick = () => {
      focus();
      router.go(paths.card(runId));
      shown.close();
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Phones show notices of a service worker only; it opens Needs you when one is pressed.
    await (await navigator.serviceWorker.getRegistration())?.showNotification(what, options);
  }
}

function standingNow(): Standing {
  if (!("Notification" in globalThis) || !isSecureContext) return "impossible";
  if (Notification.permission === "denied") return "refused";
  return Notification.permission === "granted" && isKept() ? "on" : "off";
}

function isKept(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false; // Storage is closed: off, as from the first.
  }
}

function keep(on: boolean): void {
  try {
    if (on) localStorage.setItem(KEY, "on");
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is closed: notices stay off.
  }
}

export const notices = new Notices();
