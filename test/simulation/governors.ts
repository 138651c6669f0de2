/** People who rule on growth: they write policies and groups, leave notes on claims and namespaces, and wish for sizes. */
import { pvcGroups } from '../../src/expand/api/pvc-group.ts';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import type { Client } from '../../src/kube/client.ts';
import { isKubeError } from '../../src/kube/error.ts';
import { kinds } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { Resource } from '../../src/kube/resource.ts';
import type { GrowthAct, Rules } from './growth-acts.ts';

export interface GovernorsOptions {
  /** Without trouble. */
  readonly client: Client;
  /** As `larder grow`. */
  readonly wish: (act: GrowthAct & { kind: 'wish' }) => Promise<void>;
  readonly driver: (act: GrowthAct & { kind: 'driver' }) => void;
  readonly files: (act: GrowthAct & { kind: 'files' }) => void;
  readonly snapshot: (act: GrowthAct & { kind: 'snapshot' }) => Promise<void>;
}

export function createGovernors(options: GovernorsOptions): (act: GrowthAct) => Promise<void> {
  const { client, wish, driver, files, snapshot } = options;
  const ignoring = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
    }
  };
  const write = async <T extends KubeObject>(
    resource: Resource<T>,
    { namespace, name }: { readonly namespace: string; readonly name: string },
    spec: object,
  ): Promise<void> => {
    const { group, version, kind } = resource;
    const value = { apiVersion: `${group}/${version}`, kind, metadata: { namespace, name }, spec };
    const options = { force: true, fieldManager: 'kubectl' };
    await client.patch(resource, { namespace, name }, { kind: 'apply', value }, options);
  };

  return async (act) => {
    switch (act.kind) {
      case 'policy':
        return write(pvcPolicies, act, {
          selector: selectorOf(act.app),
          priority: act.priority,
          template: templateOf(act.rules),
        });
      case 'group':
        return write(pvcGroups, act, {
          coordinationPolicy: act.coordination,
          ...(act.app === undefined ? {} : { selector: selectorOf(act.app) }),
          ...(act.members ? { members: act.members } : {}),
          template: templateOf(act.rules),
        });
      case 'unmake': {
        const { namespace, name } = act;
        return ignoring(
          act.what === 'policy'
            ? client.delete(pvcPolicies, { namespace, name })
            : client.delete(pvcGroups, { namespace, name }),
        );
      }
      case 'note': {
        const { namespace, name, key, value } = act;
        const patch = {
          kind: 'merge',
          value: { metadata: { annotations: { [key]: value ?? null } } },
        } as const;
        return ignoring(
          name === ''
            ? client.patch(kinds.Namespace, { name: namespace }, patch)
            : client.patch(kinds.PersistentVolumeClaim, { namespace, name }, patch),
        );
      }
      case 'wish':
        return wish(act);
      case 'driver':
        return driver(act);
      case 'files':
        return files(act);
      case 'snapshot':
        return snapshot(act);
      default:
        return act satisfies never;
    }
  };
}

const selectorOf = (app: string | undefined): object => (app === undefined ? {} : { matchLabels: { app } });

function templateOf(rules: Rules): object {
  const size = (mebibytes: number | undefined): string | undefined =>
    mebibytes === undefined ? undefined : `${mebibytes}Mi`;
  const share = (percent: number | undefined): string | undefined =>
    percent === undefined ? undefined : `${percent}%`;
  const time = (minutes: number | undefined): string | undefined => (minutes === undefined ? undefined : `${minutes}m`);
  const { enabled, thresholdPercent, increase, minMi, maxMi, cooldownMinutes, initialMi, approvalMi } = rules;
  return {
    enabled: enabled ?? true,
    threshold: share(thresholdPercent),
    inodesThreshold: share(rules.inodesPercent),
    increase,
    minScaleUp: size(minMi),
    maxSize: size(maxMi),
    cooldown: time(cooldownMinutes),
    expandWhenFullWithin: time(rules.fullWithinMinutes),
    window: rules.window,
    snapshotAbove: share(rules.snapshotAbovePercent),
    initialSize: size(initialMi),
    approvalAbove: size(approvalMi),
  };
}
