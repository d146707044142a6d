/** The names by which models are chosen: a provider's listed ids are whole; a typed one belongs to its provider. */
import type { Provider } from "$lib/api/types";

export function modelIdAt(provider: Provider, id: string): string {
  const isListed = provider.models?.some((model) => model.id === id);
  return isListed || id.includes(":") ? id : `${provider.id}:${id}`;
}
