/** Which stretches of something tall have been in view. */

export type Stretch = readonly [from: number, to: number];

const NEAR_PX = 1; // positions are fractions of a pixel

/** The stretches with one more, those that touch made one. */
export function joined(stretches: readonly Stretch[], added: Stretch): Stretch[] {
  const all = [...stretches, added].toSorted((a, b) => a[0] - b[0]);
  const result: Stretch[] = [];
  for (const [from, to] of all) {
    const last = result.at(-1);
    if (last && from <= last[1] + NEAR_PX) result[result.length - 1] = [last[0], Math.max(last[1], to)];
    else result.push([from, to]);
  }
  return result;
}

/** Whether all of it was in view, from its top to `height`. */
export function isWhole(stretches: readonly Stretch[], height: number): boolean {
  const [first] = stretches;
  return height > 0 && first !== undefined && first[0] <= NEAR_PX && first[1] >= height - NEAR_PX;
}
