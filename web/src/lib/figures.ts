/** Counts and sizes as the person reads them. */
const COUNT = new Intl.NumberFormat("en-GB");

/** 1,204 */
export const count = (value: number): string => COUNT.format(value);

/** $2.00; what costs less than a cent is told to the hundredth of one. */
export const dollars = (value: number): string => `$${value > 0 && value < 0.01 ? value.toFixed(4) : value.toFixed(2)}`;

/** 1,117 MB; 42 kB; 310 bytes: decimal units, as disks and downloads are counted. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 10_000_000_000) return `${count(Math.round(bytes / 1_000_000))} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** 2.1 GB, for memory. */
export const gigabytes = (bytes: number): string => `${(bytes / 1_000_000_000).toFixed(1)} GB`;

/** 1 entry, 2 entries */
export const counted = (value: number, one: string, many: string): string => `${count(value)} ${value === 1 ? one : many}`;

/** 1st, 2nd, 3rd, 11th */
export function ordinal(n: number): string {
  const rest = n % 100;
  const ending = rest >= 11 && rest <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}
