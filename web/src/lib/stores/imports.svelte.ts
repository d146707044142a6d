/** What is being brought in, and what was: jobs kept true by the stream. */
import { imports as server } from "$lib/api/server";
import type { ImportJob } from "$lib/api/types";
import { stream } from "$lib/events/shared.svelte";

class ImportStore {
  jobs = $state.raw<ImportJob[]>([]);

  readonly running = $derived(this.jobs.filter((job) => !job.ended_at));

  async load(): Promise<void> {
    this.jobs = (await server.list()).jobs;
  }

  put(job: ImportJob): void {
    const at = this.jobs.findIndex(({ id }) => id === job.id);
    this.jobs = at >= 0 ? this.jobs.with(at, job) : [job, ...this.jobs];
  }

  /** Follows the stream. Returns the undoing. */
  follow(): () => void {
    return stream.listen((heard) => {
      if (heard.kind === "rejoined") void this.load().catch(() => undefined);
      else if (heard.event.type === "import.progress" || heard.event.type === "import.finished") this.put(heard.event.payload.job);
    });
  }
}

export const importStore = new ImportStore();
