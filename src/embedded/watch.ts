/** Changes as they happen: a stream of JSON lines that resumes at a resource version and never skips one. */
import type { Clock, Random } from '../telemetry/clock.ts';
import { type Call, flagOf, integerOf, type Target } from './call.ts';
import type { Catalog } from './catalog.ts';
import type { JsonObject } from './json.ts';
import type { Kind } from './kind.ts';
import { groupVersion } from './kind.ts';
import { shelfName } from './kinds.ts';
import { versionProblem } from './list.ts';
import { checkWatchOptions } from './list-options.ts';
import { metadataOf } from './metadata.ts';
import { expired, futureVersion, notPresentable, Refusal, statusOf } from './refusal.ts';
import { renderObject, renderTable } from './render.ts';
import { readSelection, type Selection } from './selection.ts';
import type { Store } from './store.ts';
import { type Change, makeStored, type Stored } from './stored.ts';
import { readView, type View, wantsYaml } from './view.ts';

/** The most changes in one piece of the stream, so that a slow reader holds little. */
const LARGEST_PIECE = 200;
const BOOKMARK_MS = 60_000;
/** The API server ends a watch without a timeout after 30 to 60 minutes. */
const SHORTEST_MS = 30 * 60_000;

interface Options {
  readonly kind: Kind;
  readonly namespace: string;
  readonly view: View;
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** Every current object first; `marked`: followed by a bookmark that says so. */
  readonly initial: { readonly kind: 'none' } | { readonly kind: 'all'; readonly marked: boolean };
  /** Changes after this revision; undefined = after the current one. */
  readonly after: number | undefined;
  readonly lifetimeMs: number;
}

export interface WatchContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Absent: all kinds stay as they are. */
  readonly catalog?: Catalog;
}

/** @throws Refusal when the request itself makes no sense; later trouble is an ERROR event in the stream. */
export function watch(context: WatchContext, call: Call, target: Target): AsyncIterable<string> {
  return stream(context, readOptions(context, call, target), call.signal);
}

function readOptions({ store, random }: WatchContext, call: Call, target: Target): Options {
  const { query } = call;
  checkWatchOptions(call);
  if (wantsYaml(call.headers['accept'])) throw notPresentable(['application/json;stream=watch']);
  const asked = query.get('resourceVersion') ?? '';
  const problem = asked === '' ? '' : versionProblem(asked);
  if (problem) throw new Refusal(500, '', problem); // the API server does not make a bad request of it here
  const revision = Number(asked);
  if (revision > store.revision()) throw futureVersion(revision, store.revision());
  const bookmarks = flagOf(query, 'allowWatchBookmarks') ?? false;
  const sendInitial = flagOf(query, 'sendInitialEvents');
  const fromStart = sendInitial ?? revision === 0;
  const seconds = integerOf(query, 'timeoutSeconds') ?? 0;
  return {
    kind: target.kind,
    namespace: target.namespace,
    view: readView(call.headers['accept'], query),
    selection: readSelection(target, query),
    bookmarks,
    initial: fromStart ? { kind: 'all', marked: sendInitial === true && bookmarks } : { kind: 'none' },
    after: fromStart || revision === 0 ? undefined : revision,
    lifetimeMs: seconds > 0 ? seconds * 1000 : SHORTEST_MS * (1 + random.next()),
  };
}

/** What ends the wait for changes. */
type Wake = 'change' | 'bookmark' | 'end';

async function* stream(
  context: WatchContext,
  options: Options,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const { store, clock } = context;
  const shelf = shelfName(options.kind);
  const write = createWriter(options, clock);
  const waiter = createWaiter(store, clock, {
    shelf,
    lifetimeMs: options.lifetimeMs,
    bookmarks: options.bookmarks,
    signal,
    follow: follow(context, options.kind),
  });
  try {
    let cursor = options.after ?? store.revision();
    if (options.initial.kind === 'all') {
      yield* write.initial(store.list(shelf, options.namespace === '' ? undefined : options.namespace));
      if (options.initial.marked) yield write.bookmark(cursor, true);
    }
    let bookmarkDue = false;
    for (;;) {
      const head = store.revision();
      const past = store.since(shelf, cursor);
      if (past.kind === 'expired') {
        yield write.error(expired(`too old resource version: ${cursor} (${head})`));
        return;
      }
      yield* write.changes(past.changes);
      cursor = head; // everything up to here was sent, whatever came meanwhile
      if (bookmarkDue) yield write.bookmark(head, false);
      const wake = await waiter.next();
      if (wake === 'end') {
        if (!signal?.aborted) yield* last(store, shelf, cursor, write);
        return;
      }
      bookmarkDue = wake === 'bookmark';
    }
  } finally {
    waiter.stop();
  }
}

/** What came before the end. */
function* last(store: Store, shelf: string, cursor: number, write: Writer): Generator<string> {
  const past = store.since(shelf, cursor);
  if (past.kind !== 'expired') yield* write.changes(past.changes);
}

/** Kinds that are defined can go, and change; who watches starts again, as with the API server. */
function follow({ catalog }: WatchContext, kind: Kind): WaiterOptions['follow'] {
  const { group, version, plural } = kind;
  if (!kind.custom || !catalog) return () => () => undefined;
  return (end) =>
    catalog.onChange(() => {
      if (catalog.find(group, version, plural) !== kind) end();
    });
}

interface Waiter {
  next(): Promise<Wake>;
  stop(): void;
}

interface WaiterOptions {
  readonly shelf: string;
  readonly lifetimeMs: number;
  readonly bookmarks: boolean;
  readonly signal: AbortSignal | undefined;
  /** Calls back when the kind is not served any more. Returns how to stop that. */
  readonly follow: (end: () => void) => () => void;
}

/** Remembers what happened while nobody waited, so that nothing is missed. */
function createWaiter(store: Store, clock: Clock, options: WaiterOptions): Waiter {
  const pending = new Set<Wake>();
  let resume: (() => void) | undefined;
  const notify = (wake: Wake): void => {
    pending.add(wake);
    resume?.();
    resume = undefined;
  };
  const onAbort = (): void => notify('end');
  const unsubscribe = store.onChange(options.shelf, () => notify('change'));
  const unfollow = options.follow(() => notify('end'));
  const life = clock.after(options.lifetimeMs, () => notify('end'));
  const scheduleBookmark = (): { cancel(): void } =>
    clock.after(BOOKMARK_MS, () => {
      bookmark = scheduleBookmark();
      notify('bookmark');
    });
  let bookmark = options.bookmarks ? scheduleBookmark() : undefined;
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  return {
    async next() {
      if (pending.size === 0) {
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
      }
      for (const wake of ['end', 'change', 'bookmark'] as const) if (pending.delete(wake)) return wake;
      return 'change';
    },
    stop() {
      unsubscribe();
      unfollow();
      life.cancel();
      bookmark?.cancel();
      options.signal?.removeEventListener('abort', onAbort);
    },
  };
}

interface Writer {
  initial(objects: readonly Stored[]): Generator<string>;
  changes(changes: readonly Change[]): Generator<string>;
  bookmark(revision: number, endOfInitial: boolean): string;
  error(refusal: Refusal): string;
}

function createWriter({ kind, namespace, view, selection }: Options, clock: Clock): Writer {
  let header = true;
  const show = (stored: Stored): string => {
    const rendering = { kind, view, nowMs: clock.now() };
    if (view.kind !== 'table') return renderObject(rendering, stored);
    const table = renderTable(rendering, [stored], { resourceVersion: String(stored.revision) }, { header });
    header = false;
    return table;
  };
  const line = (type: string, object: string): string => `{"type":"${type}","object":${object}}\n`;
  const wanted = (stored: Stored): boolean =>
    (namespace === '' || stored.namespace === namespace) && selection.matches(stored);
  const describe = (change: Change): string => {
    const now = change.type !== 'DELETED' && wanted(change.current);
    const before = change.previous !== undefined && wanted(change.previous);
    if (now) return line(before ? 'MODIFIED' : 'ADDED', show(change.current));
    if (!before) return '';
    // an object that no longer matches leaves the selection with its last matching state, at the new revision
    return line(
      'DELETED',
      show(change.type === 'DELETED' ? change.current : atRevision(change.previous, change.revision)),
    );
  };
  return {
    *initial(objects) {
      yield* pieces(objects.filter(wanted), (stored) => line('ADDED', show(stored)));
    },
    *changes(changes) {
      yield* pieces(changes, describe);
    },
    bookmark(revision, endOfInitial) {
      const metadata: JsonObject = endOfInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      const draft = { kind: kind.kind, apiVersion: groupVersion(kind), metadata };
      return line('BOOKMARK', show(makeStored('', '', revision, draft)));
    },
    error: (refusal) => line('ERROR', JSON.stringify(statusOf(refusal))),
  };
}

function* pieces<T>(items: readonly T[], describe: (item: T) => string): Generator<string> {
  for (let index = 0; index < items.length; index += LARGEST_PIECE) {
    const text = items
      .slice(index, index + LARGEST_PIECE)
      .map(describe)
      .join('');
    if (text !== '') yield text;
  }
}

function atRevision(stored: Stored, revision: number): Stored {
  const metadata = { ...metadataOf(stored.object), resourceVersion: String(revision) };
  const object = { ...stored.object, metadata };
  return { ...stored, revision, object, text: JSON.stringify(object) };
}
