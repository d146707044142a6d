/** Telling of a run that waits, by the browser's own notices: off until the person asks for them, in this browser alone. */
import type { Run } from "$lib/api/types";
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

/** Not more than that it waits, and its title: others may see the screen. Nothing while the page is looked at. */
export async function noticeOf(run: Run): Promise<void> {
  const what = run.state === "waiting" && run.waiting_for ? s.needsYou.notices.waits[run.waiting_for] : undefined;
  if (!what || notices.standing !== "on" || document.hasFocus()) return;
  const options = { body: run.title ?? "", tag: run.id, icon: "/icon-192.png" }; // a tag: every open tab tells, one notice is shown
  try {
    const notice = new Notification(what, options);
    notice.onclick = () => {
      focus();
      router.go(paths.card(run.id));
      notice.close();
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
