/** Questions to a ledger that somebody serves (`larder ledger serve`). */
import { z } from 'zod';
import { type Clock, withDeadline } from '../telemetry/clock.ts';
import { LedgerError } from './registry.ts';

export interface Served {
  /** As `larder ledger serve` prints it. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
}

const ANSWER_MS = 30_000;

export const problem = z.object({
  detail: z.string(),
  code: z.string(),
  violations: z.array(z.object({ rule: z.string() })).optional(),
});

/** @throws LedgerError LARDER_LEDGER_UNREACHABLE where the server refuses, or does not answer as one. */
export async function readServed<T>(
  options: Served,
  path: string,
  shape: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { status, body } = await askServed(options, path, signal ? { signal } : {});
  const refused = problem.safeParse(body);
  if (status !== 200 && refused.success) {
    const { detail, code } = refused.data;
    throw new LedgerError('LARDER_LEDGER_UNREACHABLE', `the ledger at ${options.url} refused: ${detail} (${code})`);
  }
  const parsed = shape.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  throw unlike(options, status);
}

interface Asked {
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** @throws LedgerError LARDER_LEDGER_UNREACHABLE */
export async function askServed(
  { url, token, clock }: Served,
  path: string,
  { body, signal: given }: Asked,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const address = `${url.replace(/\/+$/, '')}/${path}`;
  try {
    return await withDeadline(
      clock,
      'the answer',
      ANSWER_MS,
      async (signal) => {
        const response = await fetch(address, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
          // A token is for this server alone.
          redirect: 'error',
          signal,
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, body: parsed(text) };
      },
      given,
    );
  } catch (cause) {
    const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : '';
    throw new LedgerError('LARDER_LEDGER_UNREACHABLE', `the ledger at ${url} does not answer: ${why}`, { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller then says that this is no ledger
  }
}

export function unlike({ url }: Pick<Served, 'url'>, status: number): LedgerError {
  const message = `${url} does not answer as a ledger does (status ${status}): is it the address that \`larder ledger serve\` printed?`;
  return new LedgerError('LARDER_LEDGER_UNREACHABLE', message);
}
