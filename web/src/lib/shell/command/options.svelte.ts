/** What typed words could be: a question, something that was said, a conversation, a place. */
import { RequestError } from "$lib/api/client";
import { conversations, memory, runs } from "$lib/api/server";
import type { Conversation, Hit } from "$lib/api/types";
import type { IconName } from "$lib/parts/names";
import { router } from "$lib/router.svelte";
import { paths } from "$lib/routes";
import { clock } from "$lib/stores/clock.svelte";
import { conversationList } from "$lib/stores/conversations.svelte";
import { keepDraft } from "$lib/stores/drafts";
import { preferences } from "$lib/stores/preferences.svelte";
import { strings as s } from "$lib/strings";
import { whenSaid } from "$lib/time";
import { snippetOf, type Piece } from "../../../screens/memory/search.svelte";
import { places } from "../screens";

export interface Option {
  id: string;
  icon: IconName;
  words: Piece[];
  beneath?: string;
  beside?: string;
  /** Does it; false where it could not be done. */
  act: () => Promise<boolean>;
}

interface Group {
  name: string;
  options: Option[];
}

const TYPED_MS = 120;
const LEAST_TO_SEARCH = 2;
const MOST_SAID = 4;
const MOST_TALKS = 5;

const plain = (text: string): Piece[] => [{ text, isMarked: false }];

const to = (address: string) => async (): Promise<boolean> => {
  router.go(address);
  return true;
};

export class CommandSearch {
  text = $state("");
  #hits = $state.raw<Hit[]>([]);
  #talks = $state.raw<Conversation[]>([]);
  #clientId = crypto.randomUUID();

  readonly groups = $derived.by((): Group[] => {
    const typed = this.text.trim();
    const groups = [
      { name: s.command.ask, options: typed ? [this.#ask(typed)] : [] },
      { name: s.command.said, options: typed ? this.#said(typed) : [] },
      { name: s.command.talks, options: this.#conversations(typed) },
      { name: s.command.goTo, options: goTo(typed) },
    ];
    return groups.filter(({ options }) => options.length);
  });

  constructor() {
    $effect(() => {
      const typed = this.text.trim();
      this.#clientId = crypto.randomUUID();
      if (typed.length < LEAST_TO_SEARCH) {
        this.#hits = [];
        this.#talks = [];
        return;
      }
      const asked = new AbortController();
      const timer = setTimeout(() => void this.#look(typed, asked.signal), TYPED_MS);
      return () => {
        clearTimeout(timer);
        asked.abort();
      };
    });
  }

  async #look(typed: string, signal: AbortSignal): Promise<void> {
    const [said, talks] = await Promise.allSettled([
      memory.search({ query: typed, limit: MOST_SAID }, signal),
      conversations.search(typed),
    ]);
    if (signal.aborted) return;
    this.#hits = said.status === "fulfilled" ? said.value.hits.slice(0, MOST_SAID) : [];
    this.#talks = talks.status === "fulfilled" ? talks.value.conversations.slice(0, MOST_TALKS) : [];
  }

  #ask(typed: string): Option {
    return { id: "ask", icon: "chat", words: plain(s.command.askAbout(typed)), act: () => this.#start(typed) };
  }

  async #start(typed: string): Promise<boolean> {
    try {
      const { conversation } = await conversations.start({ text: typed, client_id: this.#clientId });
      conversationList.put(conversation);
      router.go(paths.conversation(conversation.id));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // The words wait in the field of a new conversation, under the id they were sent with.
      keepDraft(null, { text: typed, client_id: this.#clientId });
      router.go(paths.newConversation);
    }
    return true;
  }

  #said(typed: string): Option[] {
    const options = this.#hits.map((hit): Option => {
      const { entry } = hit;
      const first = hit.highlights[0];
      const speaker = entry.label === "owner" ? s.say.you : entry.speaker || s.say.everword;
      return {
        id: `said-${entry.id}`,
        icon: "memory",
        words: shortened(snippetOf(hit)),
        beneath: `${speaker}, ${whenSaid(entry.said_at, preferences.zone, clock.now)}`,
        act: to(`${paths.entry(entry.id)}${first ? `?span=${first[0]}-${first[1]}` : ""}`),
      };
    });
    const all = () => {
      router.go(paths.search, { kept: { words: typed } });
      return Promise.resolve(true);
    };
    return [...options, { id: "search", icon: "search", words: plain(s.command.searchAll(typed)), act: all }];
  }

  #conversations(typed: string): Option[] {
    const found = typed.length < LEAST_TO_SEARCH ? conversationList.all.slice(0, MOST_TALKS) : this.#talks;
    return found.map(({ id, title }) => ({
      id: `talk-${id}`,
      icon: "chat",
      words: plain(title || s.nav.untitled),
      act: to(paths.conversation(id)),
    }));
  }
}

function goTo(typed: string): Option[] {
  const named = typed.toLowerCase();
  const options: Option[] = [
    ...places.map(({ screen, icon, name, href, key }) => ({
      id: `go-${screen}`,
      icon,
      words: plain(name),
      beside: `g ${key}`,
      act: to(href),
    })),
    { id: "go-new", icon: "edit", words: plain(s.nav.newConversation), beside: "g a", act: to(paths.newConversation) },
    { id: "go-incognito", icon: "incognito", words: plain(s.incognito.link), beside: "g i", act: to(paths.incognito) },
    { id: "go-schedules", icon: "work", words: plain(s.schedules.title), act: to(paths.schedules) },
    { id: "go-triggers", icon: "work", words: plain(s.triggers.title), act: to(paths.triggers) },
    { id: "go-tasks", icon: "work", words: plain(s.tasks.title), act: to(paths.tasks) },
    { id: "go-servers", icon: "models", words: plain(s.servers.title), act: to(paths.servers) },
    { id: "go-bring", icon: "file", words: plain(s.bring.title), act: to(paths.bring) },
    { id: "do-stop", icon: "stop", words: plain(s.nav.stopAll), beside: "Shift Esc", act: stopAll },
  ];
  if (!named) return options;
  return options.filter(({ words }) => words[0]?.text.toLowerCase().includes(named));
}

async function stopAll(): Promise<boolean> {
  return runs.stopAll().then(
    () => true,
    () => false,
  );
}

const MOST_CHARACTERS = 140;

function shortened(pieces: Piece[]): Piece[] {
  const marked = Math.max(0, pieces.findIndex(({ isMarked }) => isMarked));
  let left = MOST_CHARACTERS;
  const kept: Piece[] = [];
  for (const piece of pieces.slice(Math.max(0, marked - 1))) {
    const isLead = kept.length === 0 && marked > 0;
    const text = isLead && piece.text.length > 50 ? `…${piece.text.slice(-50)}` : piece.text.slice(0, left);
    kept.push({ ...piece, text });
    left -= text.length;
    if (left <= 0) break;
  }
  return kept;
}
