/** The names by which models are chosen: provider/model, and local/name for the weights on this machine. */
import type { Provider } from "$lib/api/types";

export function modelIdAt(provider: Provider, id: string): string {
  const isWhole = id.startsWith(`${provider.name}/`);
  return isWhole ? id : `${provider.name}/${id}`;
}

export const localId = (name: string): string => `local/${name}`;
