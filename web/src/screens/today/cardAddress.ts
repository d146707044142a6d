/** Where a card of the brief leads: to what it tells of. */
import type { BriefCard } from "$lib/api/types";
import { addressOfRun, paths } from "$lib/routes";

/** Null where the card is answered by a press, in its place. */
export function cardAddress(card: BriefCard): string | null {
  switch (card.source) {
    case "approval":
    case "unknown":
    case "schedule":
    case "trigger":
      return paths.card(card.source_id);
    case "question":
    case "failure":
      return paths.card(card.run_id ?? card.source_id);
    case "mcp_server":
      return paths.servers;
    case "answer":
      return addressOfRun({ id: card.run_id ?? "", kind: card.run_kind, conversation_id: card.conversation_id });
    default:
      return null;
  }
}
