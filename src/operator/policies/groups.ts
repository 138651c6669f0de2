/** What the console shows about groups: what is in them, and what another text would make of it. */
import { type PVCGroup, pvcGroups } from '../../expand/api/pvc-group.ts';
import type { Expander } from '../../expand/controller.ts';
import { checkGroup } from '../../expand/policy/policy-check.ts';
import type { Prices } from '../../expand/simulate/outcome.ts';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import { keyOf, type ObjectName } from '../../kube/object.ts';
import { isObject } from '../../kube/reader.ts';
import { apiVersionOf, pathOf, queryOf } from '../../kube/resource.ts';
import { isIn, type Scope } from '../access/viewer.ts';
import type { Caches } from '../caches.ts';
import type { GroupAnswer, GroupPreview } from './group-api.ts';
import { type GroupReaching, groupPreview, memberships } from './group-reach.ts';
import { whatIfOfGroup } from './group-what-if.ts';
import type { PolicyPreviewRequest, WhatIfAnswer, WhatIfRequest, Written } from './policy-api.ts';
import type { WhatIfParts } from './what-if.ts';

/** `sees`: the namespaces whose volumes somebody may see. */
export interface Groups {
  /** As it is stored; undefined: there is none. */
  group(at: ObjectName, signal: AbortSignal): Promise<GroupAnswer | undefined>;
  /** Namespaces of the claims that it is about. */
  namespacesOfGroup(request: PolicyPreviewRequest): readonly string[];
  /** From memory: whether it can be read, and who is in it. */
  previewGroup(request: PolicyPreviewRequest, sees: Scope): GroupPreview;
  /** Plays the history of its members together, in slices; ends with `signal`. */
  whatIfGroup(request: WhatIfRequest, sees: Scope, signal: AbortSignal): Promise<WhatIfAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly expander: Pick<Expander, 'surroundings'>;
  readonly caches: Pick<Caches, 'groups'>;
  /** One after the other. */
  readonly inTurn: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly playing: () => WhatIfParts;
  readonly pricesOf: (request: WhatIfRequest) => Prices;
}

const nothing: Omit<GroupPreview, 'problems'> = {
  ...{ members: 0, joining: 0, leaving: 0, hidden: 0, refused: [], presentBytes: '', proposedBytes: '', rows: [] },
};

export function groupsOn(parts: Parts): Groups {
  const found = (request: PolicyPreviewRequest) => {
    const reaching = reachingOf(parts, request);
    return { reaching, all: memberships(reaching) };
  };
  return {
    group: (at, signal) => read(parts.client, at, signal),
    namespacesOfGroup(request) {
      const { all } = found(request);
      return [...new Set(all.map(({ claim }) => claim.metadata.namespace ?? ''))];
    },
    previewGroup(request, sees) {
      const problems = request.object === null ? [] : checkGroup(request.object);
      if (problems.some(({ field }) => !field.startsWith('metadata.'))) return { ...nothing, problems };
      const { reaching, all } = found(request);
      return { ...groupPreview(all, reaching, (namespace) => isIn(sees, namespace)), problems };
    },
    async whatIfGroup(request, sees, signal) {
      const problem = request.object === null ? undefined : checkGroup(request.object)[0];
      if (problem?.field.startsWith('metadata.') === false) {
        throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, `${problem.field} ${problem.reason}`);
      }
      const { reaching, all } = found(request);
      const inside = all.filter(({ was, is }) => was || is);
      const members = inside.filter(({ claim }) => isIn(sees, claim.metadata.namespace ?? ''));
      const playing = parts.playing();
      const to = playing.clock.now();
      const asked = {
        ...{ stored: reaching.stored, draft: reaching.draft, members, hidden: inside.length - members.length },
        ...{ from: to - request.sinceMs, to, prices: parts.pricesOf(request) },
      };
      return parts.inTurn(() => whatIfOfGroup(asked, playing, signal), signal);
    },
  };
}

/** With its spec as it is stored. The operator may list groups, not get one. */
async function read(
  client: Client,
  { namespace = '', name }: ObjectName,
  signal: AbortSignal,
): Promise<GroupAnswer | undefined> {
  const query = queryOf({ fieldSelector: `metadata.name=${name}` });
  const response = await client.request({ method: 'GET', path: pathOf(pvcGroups, { namespace }) + query }, { signal });
  const list: unknown = JSON.parse(await response.text());
  const items = isObject(list) && Array.isArray(list['items']) ? list['items'].filter(isObject) : [];
  const item = items.find(({ metadata }) => isObject(metadata) && metadata['name'] === name);
  return item && { object: writtenOf(item) };
}

/** As a person would write it. */
function writtenOf({ metadata, spec }: Written): Written {
  const { name, namespace, labels, annotations } = isObject(metadata) ? metadata : {};
  const own = { name, namespace, ...(isObject(labels) ? { labels } : {}), ...withoutApplied(annotations) };
  return { apiVersion: apiVersionOf(pvcGroups), kind: pvcGroups.kind, metadata: own, spec };
}

/** What kubectl remembers of an apply nobody writes. */
function withoutApplied(annotations: unknown): { readonly annotations?: Written } {
  const entries = Object.entries(isObject(annotations) ? annotations : {});
  const own = entries.filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
  return own.length === 0 ? {} : { annotations: Object.fromEntries(own) };
}

function reachingOf({ caches, expander }: Parts, { namespace, name, object }: PolicyPreviewRequest): GroupReaching {
  const { configuration, roster, view } = expander.surroundings;
  if (!roster) {
    const why = 'this operator may not list pvcgroups: apply docs/reference/rbac.yaml and start it again';
    throw new HttpError('LARDER_HTTP_REFUSED', 409, why);
  }
  const groups = [...caches.groups.list()];
  const stored = groups.find(({ metadata }) => keyOf(metadata) === `${namespace}/${name}`);
  const draft = object === null ? undefined : draftOf(object, { namespace, name });
  const claims = roster.near([stored, draft].filter((group) => group !== undefined));
  return { stored, draft, groups, claims, view, configuration };
}

function draftOf(object: Written, { namespace, name }: Pick<PolicyPreviewRequest, 'namespace' | 'name'>): PVCGroup {
  const head = { name, namespace, uid: 'draft', resourceVersion: '0' };
  return pvcGroups.project({
    ...{ apiVersion: apiVersionOf(pvcGroups), kind: pvcGroups.kind },
    ...{ metadata: head, spec: object['spec'] },
  });
}
