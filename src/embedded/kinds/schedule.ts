/** When a CronJob runs, in the grammar and with the complaints of github.com/robfig/cron (read in v3.0.1). */

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS: readonly Bounds[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];

const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const DURATION = /^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/;

/** What is wrong with a schedule; undefined when nothing is. */
export function scheduleProblem(text: string): string | undefined {
  if (text.startsWith('@')) return descriptorProblem(text);
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  return fields
    .flatMap((field, index) => field.split(',').map((range) => rangeProblem(range, FIELDS[index])))
    .find((problem) => problem !== undefined);
}

function descriptorProblem(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  const duration = text.slice('@every '.length);
  if (DURATION.test(duration)) return undefined;
  return `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
}

/** One of `*`, `5`, `mon`, `1-5`, each with or without a step. */
function rangeProblem(text: string, bounds: Bounds | undefined): string | undefined {
  if (!bounds) return undefined;
  const [range = '', step, ...more] = text.split('/');
  const [low = '', high, ...rest] = range.split('-');
  if (more.length > 0) return `too many slashes: ${text}`;
  if (rest.length > 0) return `too many hyphens: ${text}`;
  const whole = low === '*' || low === '?';
  const start = whole ? bounds.least : readNumber(low, bounds.names);
  const end = whole ? bounds.most : high === undefined ? endOf(start, step, bounds) : readNumber(high, bounds.names);
  const every = step === undefined ? 1 : readNumber(step, []);
  const unread = [start, end, every].find((value) => typeof value === 'string');
  if (typeof unread === 'string') return unread;
  return boundsProblem(text, { start: Number(start), end: Number(end), step: Number(every) }, bounds);
}

function endOf(start: number | string, step: string | undefined, { most }: Bounds): number | string {
  return step === undefined ? start : most; // `5/10` is every tenth from five on
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function boundsProblem(text: string, { start, end, step }: Range, { least, most }: Bounds): string | undefined {
  if (start < least) return `beginning of range (${start}) below minimum (${least}): ${text}`;
  if (end > most) return `end of range (${end}) above maximum (${most}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

/** A text is what is wrong with it. */
function readNumber(text: string, names: readonly string[]): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return names.length === MONTHS.length ? named + 1 : named;
  if (/^\d+$/.test(text)) return Number(text);
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}

/** Whether the machine knows a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
