/** Getting one object and listing many, in pages that all show the same moment. */
import type { TransportResponse } from '../kube/transport.ts';
import { type Call, integerOf, type Target } from './call.ts';
import { rewind } from './history.ts';
import { isObject, numberAt, parseJson, textAt } from './json.ts';
import { shelfName } from './kinds.ts';
import { badRequest, expired, futureVersion, notFound } from './refusal.ts';
import { renderList, renderObject } from './render.ts';
import { replyJson } from './reply.ts';
import { readSelection } from './selection.ts';
import type { Store } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { readView } from './view.ts';

export function get(store: Store, call: Call, target: Target, nowMs: number): TransportResponse {
  const view = readView(call.headers['accept'], call.query);
  readRevision(store, call);
  const stored = store.get(shelfName(target.kind), keyFor(target.namespace, target.name));
  if (!stored) throw notFound(target.kind, target.name);
  return replyJson(200, renderObject({ kind: target.kind, view, nowMs }, stored));
}

export function list(store: Store, call: Call, target: Target, nowMs: number): TransportResponse {
  const view = readView(call.headers['accept'], call.query);
  const selection = readSelection(target, call.query);
  const limit = integerOf(call.query, 'limit') ?? 0;
  const page = readPage(store, call);
  const all = objectsAt(store, target, page.revision);
  const matching = selection.everything ? all : all.filter((stored) => selection.matches(stored));
  const from = page.after === undefined ? 0 : firstAfter(matching, page.after);
  const items = limit > 0 ? matching.slice(from, from + limit) : matching.slice(from);
  const rest = matching.length - from - items.length;
  const last = items.at(-1);
  const meta = {
    resourceVersion: String(page.revision),
    ...(rest > 0 && last ? { continue: writeToken(page.revision, last.key) } : {}),
    ...(rest > 0 && selection.everything ? { remainingItemCount: rest } : {}),
  };
  return replyJson(200, renderList({ kind: target.kind, view, nowMs }, items, meta));
}

interface Page {
  readonly revision: number;
  /** The last key of the page before; undefined for the first page. */
  readonly after: string | undefined;
}

function readPage(store: Store, call: Call): Page {
  const token = call.query.get('continue');
  const asked = readRevision(store, call);
  if (token) {
    if (asked) throw badRequest('specifying resource version is not allowed when using continue');
    return readToken(token);
  }
  const exact = call.query.get('resourceVersionMatch') === 'Exact';
  return { revision: exact && asked ? asked : store.revision(), after: undefined };
}

/** The objects of the target as they were at a revision. @throws Refusal 410 when that is no longer known. */
function objectsAt(store: Store, { kind, namespace }: Target, revision: number): readonly Stored[] {
  const shelf = shelfName(kind);
  const current = store.list(shelf, namespace === '' ? undefined : namespace);
  if (revision === store.revision()) return current;
  const past = store.since(shelf, revision);
  if (past.kind === 'expired') throw expired(TOO_OLD);
  return rewind(
    current,
    past.changes.filter((change) => namespace === '' || change.current.namespace === namespace),
  );
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.';

/**
 * The resource version that the client asks for; undefined when it does not care.
 * @throws Refusal 400 when it is no number, 504 when it lies in the future.
 */
function readRevision(store: Store, call: Call): number | undefined {
  const text = call.query.get('resourceVersion');
  if (text === null || text === '' || text === '0') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`invalid resource version: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const revision = Number(text);
  if (revision > store.revision()) throw futureVersion(revision, store.revision());
  return revision;
}

function firstAfter(items: readonly Stored[], key: string): number {
  const index = items.findIndex((stored) => stored.key > key);
  return index < 0 ? items.length : index;
}

/** Shaped as the API server's, which clients must not look into. */
function writeToken(revision: number, after: string): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Page {
  const token = parseToken(text);
  const revision = numberAt(token, 'rv');
  const start = textAt(token, 'start');
  if (revision === undefined || start === undefined) throw badRequest('continue key is not valid');
  return { revision, after: start.endsWith('\0') ? start.slice(0, -1) : start };
}

function parseToken(text: string): ReturnType<typeof parseJson> | undefined {
  try {
    const token = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
    return isObject(token) && textAt(token, 'v') === 'meta.k8s.io/v1' ? token : undefined;
  } catch {
    return undefined; // the caller says that the token is not valid
  }
}
