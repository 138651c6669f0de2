/** What the console shows and does about policies. */
import type { Expander } from '../../expand/controller.ts';
import { checkPolicy } from '../../expand/policy/policy-check.ts';
import type { Providers } from '../../expand/provider.ts';
import type { ResolvedConfiguration } from '../../expand/settings/configuration.ts';
import type { Prices } from '../../expand/simulate/outcome.ts';
import { HttpError } from '../../http/registry.ts';
import type { Client } from '../../kube/client.ts';
import type { ObjectName } from '../../kube/object.ts';
import { configuredProviders } from '../../providers/configured.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { isIn, type Scope } from '../access/viewer.ts';
import type { Caches } from '../caches.ts';
import type { PolicyState } from '../policy-findings.ts';
import type { Recording } from '../record.ts';
import { type Groups, groupsOn } from './groups.ts';
import type {
  PoliciesAnswer,
  PolicyAnswer,
  PolicyDeleteRequest,
  PolicyPreview,
  PolicyPreviewRequest,
  PolicySaveAnswer,
  PolicySaveRequest,
  WhatIfAnswer,
  WhatIfRequest,
} from './policy-api.ts';
import { groupRows, placeRows, policyRows } from './policy-list.ts';
import { previewOf, type Reaching, reached } from './policy-reach.ts';
import { deletePolicy, readPolicy, savePolicy } from './policy-writing.ts';
import { draftOf, whatIf } from './what-if.ts';

/** What somebody may see of it. */
export interface PolicyScopes {
  readonly policies: Scope;
  readonly groups: Scope;
  /** Also classes and the configuration. */
  readonly storage: boolean;
}

export interface Policies extends Groups {
  policies(scopes: PolicyScopes): PoliciesAnswer;
  /** Undefined: there is none. */
  policy(at: ObjectName, signal: AbortSignal): Promise<PolicyAnswer | undefined>;
  /** From memory: whether the policy can be read, and for which claims it is. */
  previewPolicy(request: PolicyPreviewRequest): PolicyPreview;
  /** Plays the history of its claims, in slices; ends with `signal`. */
  whatIfPolicy(request: WhatIfRequest, signal: AbortSignal): Promise<WhatIfAnswer>;
  savePolicy(request: PolicySaveRequest, signal: AbortSignal): Promise<PolicySaveAnswer>;
  deletePolicy(request: PolicyDeleteRequest, signal: AbortSignal): Promise<PolicySaveAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly expander: Pick<Expander, 'surroundings'>;
  readonly caches: Pick<Caches, 'claims' | 'namespaces' | 'classes' | 'groups'>;
  readonly recording: Recording;
  readonly provisionerNames: readonly string[];
  readonly clock: Clock;
  /** What this account may look for. */
  readonly state: () => PolicyState;
  /** Why it may not write policies; undefined: it may. */
  readonly editsOff: () => string | undefined;
}

export function policiesOn(parts: Parts): Policies {
  const { caches, client, clock, expander, state } = parts;
  const { configuration, view } = expander.surroundings;
  const inTurn = turns();
  const playing = () => ({ ...parts, configuration, providers: pastProviders(configuration, parts) });
  // Whoever names a price means that one for all, in whatever currency they count.
  const pricesOf = ({ prices }: WhatIfRequest): Prices =>
    Object.keys(prices).length > 0 ? { perType: prices, currency: '' } : configuration.values.prices;
  return {
    ...groupsOn({ ...parts, inTurn, playing, pricesOf }),
    policies(scopes) {
      const { availability, policies } = state();
      const seen = policies.filter(({ metadata }) => isIn(scopes.policies, metadata.namespace ?? ''));
      const namespaces = [...caches.namespaces.list()];
      const mine = namespaces.filter(({ metadata }) => isIn(scopes.policies, metadata.name));
      const groups = [...caches.groups.list()].filter(({ metadata }) => isIn(scopes.groups, metadata.namespace ?? ''));
      const wide = scopes.storage ? { classes: caches.classes.list(), configuration } : { classes: [] };
      return {
        availability,
        policies: policyRows(seen, caches.claims.list(), view, clock.now()),
        groups: groupRows(groups),
        places: placeRows({ namespaces: mine, ...wide }),
        namespaces: mine.map(({ metadata }) => metadata.name).toSorted(),
      };
    },
    policy: (at, signal) => readPolicy(client, at, signal),
    previewPolicy(request) {
      const problems = request.object === null ? [] : checkPolicy(request.object);
      // Without a name yet it is known for which claims it is.
      const isUnreadable = problems.some(({ field }) => !field.startsWith('metadata.'));
      return isUnreadable ? { ...nothing, problems } : { ...previewOf(reachingOf(parts, request)), problems };
    },
    async whatIfPolicy(request, signal) {
      const problem = request.object === null ? undefined : checkPolicy(request.object)[0];
      if (problem?.field.startsWith('metadata.') === false) {
        throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, `${problem.field} ${problem.reason}`);
      }
      const { namespace, name, object, sinceMs } = request;
      const to = clock.now();
      const claims = new Set(reached(reachingOf(parts, request)).map(({ claim }) => claim.metadata.name));
      const asked = { namespace, name, object, claims, from: to - sinceMs, to, prices: pricesOf(request) };
      return inTurn(() => whatIf(asked, playing(), signal), signal);
    },
    async savePolicy(request, signal) {
      refuseOff(parts);
      return savePolicy(client, request, signal);
    },
    async deletePolicy(request, signal) {
      refuseOff(parts);
      return deletePolicy(client, request, signal);
    },
  };
}

/** As they are configured, without look-ups in a cloud: what is played is past. */
function pastProviders(configuration: ResolvedConfiguration, { provisionerNames }: Parts): Providers {
  const made = configuredProviders(configuration, provisionerNames);
  if (made.kind === 'invalid') throw new HttpError('LARDER_HTTP_REFUSED', 409, made.problems.join('; '));
  return made.providers;
}

function refuseOff({ editsOff }: Parts): void {
  const why = editsOff();
  if (why !== undefined) throw new HttpError('LARDER_HTTP_REFUSED', 409, `policies are not changed here: ${why}`);
}

const WAITING_AT_MOST = 4;

/** One what-if after the other: each would take as much of the process as it gets. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    if (waiting > WAITING_AT_MOST) {
      throw new HttpError('LARDER_HTTP_REFUSED', 409, 'others look at what-ifs just now: try again in a minute');
    }
    waiting += 1;
    const turn = last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    last = turn.catch(() => undefined); // its own caller is told
    return turn.finally(() => {
      waiting -= 1;
    });
  };
}

const nothing: PolicyPreview = { problems: [], matched: 0, joining: 0, leaving: 0, claims: 0, reached: [] };

function reachingOf({ caches, expander }: Parts, request: PolicyPreviewRequest): Reaching {
  const { namespace, name, object } = request;
  const { configuration, roster, view } = expander.surroundings;
  return {
    stored: view.policies(namespace).policies.find(({ metadata }) => metadata.name === name),
    draft: object === null ? undefined : draftOf(object, request),
    claims: [...caches.claims.list()].filter(({ metadata }) => metadata.namespace === namespace),
    view,
    belonging: (claim) => roster?.belonging(claim),
    configuration,
  };
}
