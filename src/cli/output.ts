import type { Random } from '../telemetry/clock.ts';

export type OutputFormat = 'table' | 'json' | 'yaml';
export const outputFormats: readonly OutputFormat[] = ['table', 'json', 'yaml'];

/** Where a command writes: stdout is data, stderr is talk. Injected, so that tests read what a user would. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** stdout is a terminal: colour and progress bars are allowed. */
  readonly interactive: boolean;
  /** Columns; 80 when unknown. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A number that `paint` puts into its sequences, which nobody who writes data can know; absent: they are not told apart. */
  readonly brush?: string;
}

export function processTerminal(random: Random): Terminal {
  // `larder … | head` has read enough: that is no failure, and ends no operator.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (cause) => {
      if (!('code' in cause) || cause.code !== 'EPIPE') throw cause;
    });
  }
  const brush = String(Math.floor(random.next() * 1e9)).padStart(9, '1');
  return {
    out: (text) => process.stdout.write(visible(text, brush)),
    err: (text) => process.stderr.write(visible(text, brush)),
    brush,
    interactive: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? 80,
    env: process.env,
  };
}

/** A sequence that sets colours, with what may be a brush, or another character that steers. */
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  /\u001b\[(\d{9});([\d;]{1,9}m)|[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * What others wrote into objects of the cluster or into records may steer a terminal, or be read there in another order than it
 * is stored, or be painted as we paint. Such characters are shown as JSON and YAML write them, so that both stay what they are.
 * Colours are let through where they were made with this brush.
 */
export function visible(text: string, brush?: string): string {
  return text.replace(STEERING, (found, made: string | undefined, colour: string | undefined) => {
    if (made === undefined || colour === undefined) return escaped(found);
    return made === brush ? `\u001b[${colour}` : `${escaped('\u001b')}${found.slice(1)}`;
  });
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON where bytes (bigint) are decimal strings, indented, with a final newline. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(plain(value), null, 2)}\n`;
}

/** Text broken at spaces into lines of at most `width` columns; a word that is longer stays whole. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && columnsOf(last) + 1 + columnsOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** Between two columns. */
const GAP = 3;

/** Words as `ls` shows names: down the first column, then the next, as many as fit. */
export function inColumns(words: readonly string[], width: number): string {
  const widest = Math.max(0, ...words.map((word) => word.length));
  const count = Math.max(1, Math.floor((width - 2 + GAP) / (widest + GAP)));
  const rows = Math.ceil(words.length / count);
  const lines = Array.from({ length: rows }, (_, row) =>
    words
      .filter((_word, index) => index % rows === row)
      .map((word) => word.padEnd(widest + GAP))
      .join('')
      .trimEnd(),
  );
  return lines.map((line) => `  ${line}`).join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
const COLOURS = /\u001b\[[\d;]*m/g;

/** Colours take no room. */
function columnsOf(text: string): number {
  return text.replace(COLOURS, '').length;
}

type Style = 'bold' | 'red' | 'green' | 'yellow' | 'dim';

/** Colours only on a terminal, and never with NO_COLOR (any non-empty value, as no-color.org says). */
export function paint(terminal: Terminal, style: Style, text: string): string {
  if (!terminal.interactive || terminal.env['NO_COLOR']) return text;
  const { styleText } = process.getBuiltinModule('node:util'); // its import alone takes a fifth of the time that Node takes to start
  const [open = '', close = ''] = styleText(style, '\0', { validateStream: false })
    .split('\0')
    .map((sequence) => (terminal.brush === undefined ? sequence : sequence.replace('[', `[${terminal.brush};`)));
  return `${open}${text}${close}`;
}

/** 31457280n → `30Mi`, 1234567n → `1.18Mi`: for people; three significant digits, never rounded up to the next unit. */
export function humanBytes(bytes: bigint): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let unit = 0;
  let scale = 1n;
  while (bytes >= scale * 1024n && unit < units.length - 1) {
    scale *= 1024n;
    unit += 1;
  }
  const hundredths = (bytes * 100n) / scale;
  const whole = hundredths / 100n;
  const digits = whole >= 100n ? 0 : whole >= 10n ? 1 : 2;
  const fraction = String(hundredths % 100n)
    .padStart(2, '0')
    .slice(0, digits)
    .replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`}${units[unit] ?? ''}`;
}

/** 90_061_000 → `25h1m`: the two largest units, for people. */
export function humanDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m${seconds % 60 === 0 ? '' : `${seconds % 60}s`}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
  return `${Math.floor(hours / 24)}d${hours % 24 === 0 ? '' : `${hours % 24}h`}`;
}

/** As JSON has it: bytes (bigint) are decimal strings. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)),
  );
}
