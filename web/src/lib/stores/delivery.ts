/** Gets a request through a bad line: the same request again, until the server has answered it. */
import { RequestError } from "$lib/api/client";

const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000];
const PASSING = new Set([0, 502, 504]);

/**
 * What `ask` answers. A request that was not answered is repeated, so it must be safe to repeat.
 * `whenWaiting` is told when the line is found to be down.
 */
export async function delivered<Answer>(ask: () => Promise<Answer>, whenWaiting: () => void, signal: AbortSignal): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const pause = PAUSES_MS[attempt];
      const isPassing = error instanceof RequestError && PASSING.has(error.status);
      if (!isPassing || pause === undefined || signal.aborted) throw error;
      whenWaiting();
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (signal.aborted) throw error;
    }
  }
}
