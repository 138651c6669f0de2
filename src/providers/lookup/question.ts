/** One question to a cloud over HTTP: bounded in time and size, and never led elsewhere. */
import { type Clock, DeadlineExceeded, withDeadline } from '../../telemetry/clock.ts';
import { LookupError } from '../registry.ts';

/** What look-ups need of the world. */
export interface World {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Rejects when there is no such file. */
  readonly readFile: (path: string) => Promise<string>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly timeoutMs: number;
}

export interface Question {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In messages, for example `EC2 DescribeVolumes`. */
  readonly what: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Milliseconds that the answer asks for in Retry-After. */
  readonly retryAfterMs: number | undefined;
}

/** A page of 500 volumes takes about 400 kB. */
const LARGEST_ANSWER = 8 * 2 ** 20;

/** @throws LookupError LARDER_LOOKUP_UNREACHABLE without an answer, LARDER_LOOKUP_MALFORMED when it is too large. */
export async function ask(world: World, question: Question, signal?: AbortSignal): Promise<Answer> {
  const { clock, timeoutMs } = world;
  const { what, url } = question;
  try {
    return await withDeadline(clock, what, timeoutMs, (end) => answered(world, question, end), signal);
  } catch (cause) {
    if (signal?.aborted || cause instanceof LookupError) throw cause;
    const late = cause instanceof DeadlineExceeded;
    const why = late ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
    throw new LookupError('LARDER_LOOKUP_UNREACHABLE', `${what} at ${new URL(url).host}: ${why}`, { cause });
  }
}

async function answered({ fetch }: World, question: Question, signal: AbortSignal): Promise<Answer> {
  const { url, method = 'GET', headers = {}, body, what } = question;
  // A redirect could lead a token to somebody else.
  const init = { method, headers, redirect: 'error', signal, ...(body === undefined ? {} : { body }) } as const;
  const response = await fetch(url, init);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LARGEST_ANSWER) throw new LookupError('LARDER_LOOKUP_MALFORMED', `${what}: the answer is too large`);
    parts.push(part);
  }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    text: Buffer.concat(parts).toString('utf8'),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3_600) * 1_000 : undefined,
  };
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message || String(Object(cause.cause).code)}` : '';
  return `${cause.message}${inner}`;
}

/** For messages: a cloud's refusal may go on for a page. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 297)}...`;
}

/** How an answer begins that is not what it should be: enough to know a login page, too little for a key that is in it. */
export function beginning(text: string): string {
  return JSON.stringify(text.slice(0, 16));
}

/** @throws LookupError LARDER_LOOKUP_MALFORMED; without its cause, which would quote the answer. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const begins = `${what}: the answer is not JSON, it begins with ${beginning(text)}`;
    throw new LookupError('LARDER_LOOKUP_MALFORMED', begins);
  }
}

/** Undefined: there is no such file, or it is empty. */
export async function fileText({ readFile }: World, path: string | undefined): Promise<string | undefined> {
  if (path === undefined || path === '') return undefined;
  const text = await readFile(path).catch(() => ''); // given up: why it cannot be read; who needs it says that it is missing
  return text.trim() === '' ? undefined : text.trim();
}
