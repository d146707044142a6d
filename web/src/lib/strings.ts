/** Every word the UI says: one file a screen, or a room of them. Plain, whole sentences; the glossary's words only. */
import { account } from "./strings/account";
import { brief, briefSettings } from "./strings/brief";
import { bring } from "./strings/bring";
import { months, time, weekdays } from "./strings/calendar";
import { ceilings } from "./strings/ceilings";
import { conversation } from "./strings/conversation";
import { list } from "./strings/conversations";
import { login, setup } from "./strings/door";
import { facts } from "./strings/facts";
import { forget } from "./strings/forget";
import { incognito } from "./strings/incognito";
import { meaning } from "./strings/meaning";
import { memory } from "./strings/memory";
import { models } from "./strings/models";
import { needsYou } from "./strings/needsYou";
import { schedules } from "./strings/schedules";
import { servers } from "./strings/servers";
import { settings } from "./strings/settings";
import { command, errors, keys, missing, model, nav } from "./strings/shell";
import { starters } from "./strings/starters";
import { tasks } from "./strings/tasks";
import { today } from "./strings/today";
import { triggers } from "./strings/triggers";
import { why } from "./strings/why";
import { copy, markdown, say, source, states } from "./strings/words";
import { work } from "./strings/work";

export const strings = {
  name: "Everword",
  months,
  weekdays,
  time,
  nav,
  model,
  say,
  states,
  copy,
  markdown,
  source,
  conversation,
  account,
  incognito,
  today,
  brief,
  briefSettings,
  needsYou,
  work,
  ceilings,
  starters,
  schedules,
  triggers,
  why,
  tasks,
  servers,
  login,
  setup,
  models,
  meaning,
  memory,
  facts,
  forget,
  bring,
  settings,
  list,
  command,
  keys,
  missing,
  errors,
} as const;
