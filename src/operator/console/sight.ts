/** What one person sees of the feed, and of each change of it. Pure. */
import { createHash } from 'node:crypto';
import { isIn, type Scope } from '../access/viewer.ts';
import type { Feed, FeedPatch, Happening } from './feed.ts';

export interface Sight {
  /** Exports, and what happened to objects without a namespace. */
  readonly storage: boolean;
  /** Whose volumes, and whose events. */
  readonly namespaces: Scope;
}

export const everything: Sight = { storage: true, namespaces: 'all' };

/** Empty for `everything`; the same for those who see the same, another one for all others. */
export function tagOf({ storage, namespaces }: Sight): string {
  if (storage && namespaces === 'all') return '';
  const seen = namespaces === 'all' ? 'all' : [...namespaces].sort();
  return createHash('sha256')
    .update(JSON.stringify([storage, seen]))
    .digest('hex')
    .slice(0, 32);
}

/** Those that a person could be let into or not. */
export function namespacesIn({ volumes, happenings }: Feed): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { namespace } of volumes.values()) names.add(namespace);
  for (const { namespace } of happenings) names.add(namespace);
  return names;
}

export function feedIn(sight: Sight, feed: Feed): Feed {
  const { namespaces, storage } = sight;
  return {
    head: feed.head,
    exports: storage ? feed.exports : new Map(),
    volumes: new Map([...feed.volumes].filter(([, row]) => isIn(namespaces, row.namespace))),
    happenings: feed.happenings.filter((each) => isTold(sight, each)),
  };
}

/** Undefined: nothing of it is seen. */
export function patchIn(sight: Sight, { head, exports, volumes, happened = [] }: FeedPatch): FeedPatch | undefined {
  const { namespaces, storage } = sight;
  const own = volumes && {
    set: (volumes.set ?? []).filter(({ namespace }) => isIn(namespaces, namespace)),
    change: Object.fromEntries(
      Object.entries(volumes.change ?? {}).filter(([key]) => isIn(namespaces, namespaceOfKey(key))),
    ),
    gone: (volumes.gone ?? []).filter((key) => isIn(namespaces, namespaceOfKey(key))),
  };
  const told = happened.filter((each) => isTold(sight, each));
  const patch: FeedPatch = {
    ...(head ? { head } : {}),
    ...(exports && storage ? { exports } : {}),
    ...(own && own.set.length + Object.keys(own.change).length + own.gone.length > 0 ? { volumes: own } : {}),
    ...(told.length > 0 ? { happened: told } : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isTold({ namespaces, storage }: Sight, { namespace }: Happening): boolean {
  return namespace === '' ? storage : isIn(namespaces, namespace);
}

/** As `keyOfVolume` makes it; a namespace has no slash in its name. */
function namespaceOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
