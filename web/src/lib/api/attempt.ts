/** Doing something that the server may refuse: the refusal is a value, every other error goes on. */
import { RequestError } from "./client";

export async function attempt(act: () => Promise<unknown>): Promise<RequestError | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error;
  }
}
