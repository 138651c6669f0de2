/** The HTTP API of a ledger in a folder that goes with the test, asked without a socket. */
import { inspect } from 'node:util';
import type { InjectOptions } from 'fastify';
import { openDesk } from '../../src/ledger/api/open-desk.ts';
import { ledgerApi } from '../../src/ledger/api.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../src/ledger/place.ts';
import { oneToken, type Tokens } from '../../src/ledger/tokens.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { ann, repository, startLedger } from './site.ts';

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Undefined where the answer is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiSite {
  readonly ledger: Ledger;
  readonly root: string;
  /** With the token, unless the headers say something else. A body that is text is sent as it stands. */
  ask(
    method: NonNullable<InjectOptions['method']>,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  /** All that went to the log, its fields and errors with it. */
  logged(): string;
  /** On a port of loopback; returns its address. */
  listen(): Promise<string>;
}

export const TOKEN = 'a-token-of-the-tests-with-32-characters';

interface Lifetime {
  after(work: () => unknown): void;
}

function collectingLog(): { readonly log: Log; readonly logged: () => string } {
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(`${inspect(fields, whole)} ${message}`);
  const log: Log = {
    ...{ debug: note, info: note, warn: note, error: note },
    child(fields) {
      note(fields, 'from here on');
      return log;
    },
  };
  return { log, logged: () => lines.join('\n') };
}

/** Errors with their causes, and nothing cut off. */
const whole = { depth: null, maxStringLength: null, maxArrayLength: null, breakLength: Number.POSITIVE_INFINITY };

export async function apiSite(
  t: Lifetime,
  { tokens = oneToken(TOKEN), ...more }: { readonly tokens?: Tokens } & Partial<LedgerOptions> = {},
): Promise<ApiSite> {
  const root = repository(t);
  const { log, logged } = collectingLog();
  const ledger = await startLedger(root, more);
  const signed = { operator: 'ann', signer: ann };
  const desk = openDesk({ ledger, clock: systemClock, signed, wrote: () => undefined });
  const app = await ledgerApi({ desk, tokens, hosts: ['localhost', '127.0.0.1'], log });
  t.after(() => app.close());
  return {
    ledger,
    root,
    logged,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async ask(method, url, body, headers = {}) {
      const typed = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await app.inject({
        method,
        url,
        headers: { host: 'localhost', authorization: `Bearer ${TOKEN}`, ...typed, ...headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const type = String(answer.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
      const parsed = /json$/.test(type) && answer.body !== '' ? answer.json() : {};
      return { status: answer.statusCode, type, headers: answer.headers, text: answer.body, body: parsed };
    },
  };
}
