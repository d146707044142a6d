/** Times as the person reads them: in their time zone, in plain words. */
import { strings as s } from "./strings";

const DAY_MS = 86_400_000;

type Fields = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string>;

const readers = new Map<string, Intl.DateTimeFormat>();

function fieldsOf(moment: Date, zone: string): Fields {
  let reader = readers.get(zone);
  if (!reader) {
    reader = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    readers.set(zone, reader);
  }
  return Object.fromEntries(reader.formatToParts(moment).map(({ type, value }) => [type, value])) as Fields;
}

/** The calendar day in a zone, as 2026-11-24. */
export function dayOf(instant: string | Date, zone: string): string {
  const { year, month, day } = fieldsOf(new Date(instant), zone);
  return `${year.padStart(4, "0")}-${month}-${day}`;
}

/** 07:42 */
export function clockOf(instant: string | Date, zone: string): string {
  const { hour, minute } = fieldsOf(new Date(instant), zone);
  return `${hour}:${minute}`;
}

/** 07:42:11 */
export function exactClockOf(instant: string | Date, zone: string): string {
  return `${clockOf(instant, zone)}:${fieldsOf(new Date(instant), zone).second}`;
}

/** The instant at which a day (2026-11-24) begins in a zone. */
export function startOfDay(day: string, zone: string): string {
  const asIfUtc = Date.parse(`${day}T00:00:00Z`);
  let guess = asIfUtc;
  // Twice, since the first guess may lie on the other side of a change of the clock.
  for (let round = 0; round < 2; round += 1) {
    const { year, month, day: date, hour, minute, second } = fieldsOf(new Date(guess), zone);
    const shown = Date.parse(`${year.padStart(4, "0")}-${month}-${date}T${hour}:${minute}:${second}Z`);
    guess += asIfUtc - shown;
  }
  return new Date(guess).toISOString();
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

/** How many calendar days `day` (2026-11-24) lies before `today`. */
function daysBefore(day: string, today: string): number {
  return Math.round((Date.parse(today) - Date.parse(day)) / DAY_MS);
}

/** 24 November, with the year where it is not this year's. */
export function longDate(day: string, today: string): string {
  const [year = "", month = "1", date = "1"] = day.split("-");
  const words = `${Number(date)} ${s.months[Number(month) - 1]}`;
  return year === today.slice(0, 4) ? words : `${words} ${Number(year)}`;
}

function shortDate(day: string, today: string): string {
  const [year = "", month = "1", date = "1"] = day.split("-");
  const words = `${Number(date)} ${s.months[Number(month) - 1]?.slice(0, 3)}`;
  return year === today.slice(0, 4) ? words : `${words} ${Number(year)}`;
}

export function weekdayOf(day: string): string {
  return s.weekdays[new Date(`${day}T00:00Z`).getUTCDay()] ?? "";
}

/** Tuesday, 24 November; "Today" and "Yesterday" are the caller's. */
export function dayHeading(day: string, today: string): string {
  const ago = daysBefore(day, today);
  if (ago === 0) return s.time.today;
  if (ago === 1) return s.time.yesterday;
  return `${weekdayOf(day)}, ${longDate(day, today)}`;
}

/** today 07:51; Mon 18:20 within a week; 9 Nov 14:12; 12 Nov 2025. */
export function whenSaid(instant: string, zone: string, now: Date): string {
  const today = dayOf(now, zone);
  const day = dayOf(instant, zone);
  const ago = daysBefore(day, today);
  const clock = clockOf(instant, zone);
  if (ago === 0) return `${s.time.today.toLowerCase()} ${clock}`;
  if (ago > 0 && ago < 7) return `${weekdayOf(day).slice(0, 3)} ${clock}`;
  const date = shortDate(day, today);
  return day.slice(0, 4) === today.slice(0, 4) ? `${date} ${clock}` : date;
}

/** today at 23:10; tomorrow at 10:14; 26 November at 08:00: when something is going to happen. */
export function whenComing(instant: string, zone: string, now: Date): string {
  const today = dayOf(now, zone);
  const day = dayOf(instant, zone);
  const ahead = -daysBefore(day, today);
  const name = ahead === 0 ? s.time.today.toLowerCase() : ahead === 1 ? s.time.tomorrow : longDate(day, today);
  return `${name} ${s.time.at} ${clockOf(instant, zone)}`;
}

/** 4 min, 20 s, 3 h: a length of time, rounded as one says it. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** 4 h, 90 min, 20 s: a length of time to the second, for what holds exactly. */
export function lengthOf(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
