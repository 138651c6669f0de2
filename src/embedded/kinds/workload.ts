/** The kinds of apps/v1, which controllers of a cluster turn into pods (pkg/printers, read in 1.36). */
import { at, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import type { Kind, Scaling } from '../kind.ts';
import { type Cell, row } from '../row.ts';
import { labelsText, selectorText } from './selector-text.ts';
import { daemonSetRules, deploymentRules, replicaSetRules, revisionRules, statefulSetRules } from './workload-rules.ts';

const count =
  (...path: readonly string[]): Cell =>
  (object) =>
    numberAt(object, ...path) ?? 0;

const containersOf = (workload: JsonObject): readonly (readonly [name: string, image: string])[] =>
  listAt(workload, 'spec', 'template', 'spec', 'containers').map((container) => [
    textAt(container, 'name') ?? '',
    textAt(container, 'image') ?? '',
  ]);

/** Names and images of the containers of a pod template, and the selector. */
const wide: Readonly<Record<string, Cell>> = {
  Containers: (workload) =>
    containersOf(workload)
      .map(([name]) => name)
      .join(','),
  Images: (workload) =>
    containersOf(workload)
      .map(([, image]) => image)
      .join(','),
  Selector: (workload) => selectorText(at(workload, 'spec', 'selector')),
};

const readyText: Cell = (workload) =>
  `${numberAt(workload, 'status', 'readyReplicas') ?? 0}/${numberAt(workload, 'spec', 'replicas') ?? 0}`;

/** `deployment.apps/web`: who made a revision. */
const controllerText: Cell = (revision) => {
  const owner = listAt(revision, 'metadata', 'ownerReferences').find((each) => at(each, 'controller') === true);
  if (!owner) return '<none>';
  const [, group = ''] = (textAt(owner, 'apiVersion') ?? '').split('/').reverse();
  const kind = (textAt(owner, 'kind') ?? '').toLowerCase();
  return `${group === '' ? kind : `${kind}.${group}`}/${textAt(owner, 'name') ?? ''}`;
};

const scaling: Scaling = {
  replicas: ['spec', 'replicas'],
  current: ['status', 'replicas'],
  selector: (workload) => selectorText(at(workload, 'spec', 'selector'), ''),
};

export const workloadKinds: readonly Kind[] = [
  row('apps/v1', 'controllerrevisions', {
    cells: { Controller: controllerText, Revision: (revision) => numberAt(revision, 'revision') ?? 0 },
    rules: revisionRules,
  }),
  row('apps/v1', 'daemonsets', {
    counted: true,
    cells: {
      ...wide,
      Desired: count('status', 'desiredNumberScheduled'),
      Current: count('status', 'currentNumberScheduled'),
      Ready: count('status', 'numberReady'),
      'Up-to-date': count('status', 'updatedNumberScheduled'),
      Available: count('status', 'numberAvailable'),
      'Node Selector': (daemonSet) => labelsText(at(daemonSet, 'spec', 'template', 'spec', 'nodeSelector')),
    },
    rules: daemonSetRules,
  }),
  row('apps/v1', 'deployments', {
    counted: true,
    scaling,
    cells: {
      ...wide,
      Ready: readyText,
      'Up-to-date': count('status', 'updatedReplicas'),
      Available: count('status', 'availableReplicas'),
      Selector: (deployment) => selectorText(at(deployment, 'spec', 'selector'), ''),
    },
    rules: deploymentRules,
  }),
  row('apps/v1', 'replicasets', {
    counted: true,
    scaling,
    cells: {
      ...wide,
      Desired: count('spec', 'replicas'),
      Current: count('status', 'replicas'),
      Ready: count('status', 'readyReplicas'),
    },
    rules: replicaSetRules,
  }),
  row('apps/v1', 'statefulsets', {
    counted: true,
    scaling,
    cells: { ...wide, Ready: readyText },
    rules: statefulSetRules,
  }),
];
