/** Keys: who wants which, the two-key walks (g then t), and when single keys must be silent. */

export interface KeyTable {
  /** Keys that act everywhere, written as in `nameOf`: "Ctrl k", "Escape", "Shift Escape". */
  [key: string]: (event: KeyboardEvent) => boolean | undefined;
}

const WALK_MS = 1200;
const layers: KeyTable[] = [];
let areSingleKeysOn = true;
let walk = "";
let walkTimer = 0;

export function setSingleKeys(on: boolean): void {
  areSingleKeysOn = on;
}

/** Adds a table above the others: the newest is asked first. An act returns false to pass the key on. */
export function listenKeys(table: KeyTable): () => void {
  layers.unshift(table);
  return () => {
    const at = layers.indexOf(table);
    if (at >= 0) layers.splice(at, 1);
  };
}

/** "Ctrl k", "Shift Escape", "g t", "?": the name under which tables list a key. */
export function nameOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isLetterOrSign = event.key.length === 1;
  const parts = [
    (event.ctrlKey || event.metaKey) && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && !isLetterOrSign && "Shift",
    key,
  ];
  return parts.filter(Boolean).join(" ");
}

function isInField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function act(name: string, event: KeyboardEvent): boolean {
  for (const table of [...layers]) {
    const wanted = table[name];
    if (wanted && wanted(event) !== false) {
      event.preventDefault();
      return true;
    }
  }
  return false;
}

function keyPressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const isSingle = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isSingle) {
    act(name, event);
    return;
  }
  if (!areSingleKeysOn || isInField(event.target)) return;
  const full = walk ? `${walk} ${name}` : name;
  walk = "";
  clearTimeout(walkTimer);
  if (act(full, event)) return;
  if (layers.some((table) => Object.keys(table).some((key) => key.startsWith(`${name} `)))) {
    walk = name;
    walkTimer = window.setTimeout(() => (walk = ""), WALK_MS);
  }
}

export function startKeyboard(): () => void {
  addEventListener("keydown", keyPressed);
  return () => removeEventListener("keydown", keyPressed);
}
