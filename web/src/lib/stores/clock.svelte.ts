/** What time it is, for words such as "today": moves on by itself. */

const STEP_MS = 20_000;

class Clock {
  now = $state.raw(new Date());

  start(): () => void {
    const timer = setInterval(() => (this.now = new Date()), STEP_MS);
    return () => clearInterval(timer);
  }
}

export const clock = new Clock();
