/** The token with which a client asks for the next page. Shaped and judged as the API server's (apiserver/pkg/storage/continue.go, read in 0.36). */
import { isObject, numberAt, parseJson, textAt } from './json.ts';
import { badRequest, type Refusal } from './refusal.ts';

export interface PageToken {
  /** Every page shows the objects of this revision. */
  readonly revision: number;
  /** The last key of the page before. */
  readonly after: string;
}

const VERSION = 'meta.k8s.io/v1';

export function writePageToken({ revision, after }: PageToken): string {
  const token = { v: VERSION, rv: revision, start: `${after}\0` };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** @throws Refusal 400 */
export function readPageToken(text: string): PageToken {
  const foreign = text.search(/[^\w-]/);
  if (foreign >= 0) throw invalid(`: illegal base64 data at input byte ${foreign}`);
  const token = parsed(text);
  const version = textAt(token, 'v') ?? '';
  if (version !== VERSION) throw invalid(`: server does not recognize this encoded version ${version}`);
  const revision = numberAt(token, 'rv') ?? 0;
  if (revision === 0) throw invalid(`: incorrect encoded start resourceVersion (version ${VERSION})`);
  const start = textAt(token, 'start') ?? '';
  if (start === '') throw invalid(`: encoded start key empty (version ${VERSION})`);
  return { revision, after: start.endsWith('\0') ? start.slice(0, -1) : start };
}

function parsed(text: string): ReturnType<typeof parseJson> {
  try {
    const token = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
    if (isObject(token)) return token;
  } catch {
    // said below
  }
  throw invalid('');
}

function invalid(why: string): Refusal {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
