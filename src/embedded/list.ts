/** Getting one object and listing many, in pages that all show the same moment. */
import type { TransportResponse } from '../kube/transport.ts';
import { type Call, integerOf, type Target } from './call.ts';
import { rewind } from './history.ts';
import { shelfName } from './kinds.ts';
import { checkListOptions } from './list-options.ts';
import { readPageToken, writePageToken } from './page-token.ts';
import { badRequest, expired, expiredPage, futureVersion, notFound } from './refusal.ts';
import { renderList, renderObject } from './render.ts';
import { replyJson } from './reply.ts';
import { readSelection } from './selection.ts';
import type { Store } from './store.ts';
import { keyFor, type Stored } from './stored.ts';
import { checkForm, readView } from './view.ts';

export function get(store: Store, call: Call, target: Target, nowMs: number): TransportResponse {
  const view = readView(call.headers['accept'], call.query);
  checkForm(call.headers['accept'], target.kind, false);
  readRevision(store, call);
  const stored = store.get(shelfName(target.kind), keyFor(target.namespace, target.name));
  if (!stored) throw notFound(target.kind, target.name);
  return replyJson(200, renderObject({ kind: target.kind, view, nowMs }, stored));
}

export function list(store: Store, call: Call, target: Target, nowMs: number): TransportResponse {
  const view = readView(call.headers['accept'], call.query);
  checkForm(call.headers['accept'], target.kind, true);
  const selection = readSelection(target, call.query);
  checkListOptions(call);
  integerOf(call.query, 'timeoutSeconds');
  const limit = integerOf(call.query, 'limit') ?? 0;
  const page = readPage(store, call);
  const all = objectsAt(store, target, page);
  const matching = selection.everything ? all : all.filter((stored) => selection.matches(stored));
  const from = page.after === undefined ? 0 : firstAfter(matching, page.after);
  const items = limit > 0 ? matching.slice(from, from + limit) : matching.slice(from);
  const rest = matching.length - from - items.length;
  const last = items.at(-1);
  const meta = {
    resourceVersion: String(page.revision),
    ...(rest > 0 && last ? { continue: writePageToken({ revision: page.revision, after: last.key }) } : {}),
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
    const { revision, after } = readPageToken(token);
    return { revision: revision < 0 ? store.revision() : revision, after };
  }
  const exact = call.query.get('resourceVersionMatch') === 'Exact';
  return { revision: exact && asked ? asked : store.revision(), after: undefined };
}

/** The objects of the target as they were at a revision. @throws Refusal 410 when that is no longer known. */
function objectsAt(store: Store, { kind, namespace }: Target, { revision, after }: Page): readonly Stored[] {
  const shelf = shelfName(kind);
  const current = store.list(shelf, namespace === '' ? undefined : namespace);
  if (revision === store.revision()) return current;
  const past = store.since(shelf, revision);
  if (past.kind === 'expired' && after === undefined) throw expired(LIST_TOO_OLD);
  if (past.kind === 'expired') throw expiredPage(writePageToken({ revision: -1, after: after ?? '' }));
  return rewind(
    current,
    past.changes.filter((change) => namespace === '' || change.current.namespace === namespace),
  );
}

const LIST_TOO_OLD = 'The resourceVersion for the provided list is too old.';

/** What is wrong with a resource version, as strconv.ParseUint says it; empty when nothing is. */
export function versionProblem(text: string): string {
  const invalid = `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}`;
  if (!/^\d+$/.test(text)) return `${invalid}: invalid syntax`;
  return BigInt(text) >= 1n << 64n ? `${invalid}: value out of range` : '';
}

/**
 * The resource version that the client asks for; undefined when it does not care.
 * @throws Refusal 400 when it is no number, 504 when it lies in the future.
 */
function readRevision(store: Store, call: Call): number | undefined {
  const text = call.query.get('resourceVersion');
  if (text === null || text === '' || text === '0') return undefined;
  const revision = Number(text);
  const problem = versionProblem(text);
  if (problem) throw badRequest(`invalid resource version: ${problem}`);
  if (revision > store.revision()) throw futureVersion(revision, store.revision());
  return revision;
}

function firstAfter(items: readonly Stored[], key: string): number {
  const index = items.findIndex((stored) => stored.key > key);
  return index < 0 ? items.length : index;
}
