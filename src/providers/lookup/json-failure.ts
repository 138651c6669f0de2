/** Refusals of clouds that speak JSON, as LookupErrors. */
import { z } from 'zod';
import { LookupError } from '../registry.ts';
import { type Answer, excerpt } from './question.ts';

const body = z.looseObject({
  error: z.looseObject({
    code: z.union([z.string(), z.number()]).optional(),
    message: z.string().default(''),
    status: z.string().optional(),
    errors: z.array(z.looseObject({ reason: z.string().optional() })).optional(),
  }),
});

interface Asked {
  readonly what: string;
  /** What the account needs, for example `compute.disks.get`. */
  readonly action: string;
}

export function jsonFailure({ status, text, retryAfterMs: afterMs }: Answer, { what, action }: Asked): LookupError {
  const error = readBody(text);
  const reasons = [...(error?.errors ?? []).map(({ reason }) => reason), error?.code, error?.status];
  const said = `${what}: ${status}: ${excerpt(error?.message || text)}`;
  const throttled =
    status === 429 || reasons.some((reason) => /rateLimitExceeded|TooManyRequests/i.test(String(reason)));
  if (throttled) return new LookupError('LARDER_LOOKUP_THROTTLED', said, { afterMs });
  if (status === 403) return new LookupError('LARDER_LOOKUP_DENIED', `the account lacks ${action}. ${said}`);
  if (status === 401) return new LookupError('LARDER_LOOKUP_CREDENTIALS', said);
  if (status >= 500) return new LookupError('LARDER_LOOKUP_UNREACHABLE', said, { afterMs });
  return new LookupError('LARDER_LOOKUP_MALFORMED', said);
}

function readBody(text: string): z.output<typeof body>['error'] | undefined {
  try {
    return body.safeParse(JSON.parse(text)).data?.error;
  } catch {
    return undefined; // given up: a page of a proxy; its text is in the message
  }
}
