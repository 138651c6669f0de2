import { durationMs } from '../../jobspec/duration.ts';
import type { Free, Item } from '../../jobspec/field.ts';
import { freeLines, itemsOf, textAt } from '../../jobspec/items.ts';
import { bodiesOf } from '../../jobspec/read.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import type { Branch, S } from '../sourced.ts';
import { targetOf } from './vpa.ts';

interface Check extends Item {
  readonly lines: readonly Item[];
  /** The metric of a HorizontalPodAutoscaler; undefined where it knows none. */
  readonly resource: 'cpu' | 'memory' | undefined;
  readonly target: number | undefined;
}

/** Queries of the autoscaler's own source of metrics, in percent of what was asked for or of the node. */
const known: ReadonlyMap<string, 'cpu' | 'memory'> = new Map([
  ['avg_cpu', 'cpu'],
  ['avg_cpu-allocated', 'cpu'],
  ['cpu', 'cpu'],
  ['avg_memory', 'memory'],
  ['avg_memory-allocated', 'memory'],
  ['memory', 'memory'],
]);

function checksOf(policy: Free): readonly Check[] {
  return bodiesOf('check', policy).map((check) => {
    const query = textAt(check, 'query')?.value ?? '';
    const source = textAt(check, 'source')?.value ?? 'nomad-apm';
    const strategy = bodiesOf('strategy', check).find(({ labels }) => labels[0]?.text === 'target-value');
    const target = Number(strategy ? textAt(strategy, 'target')?.value : undefined);
    const lines = freeLines({ path: check.path, at: check.at, body: check.body });
    return {
      path: check.path,
      at: check.at,
      lines: check.labels.length > 0 ? [{ path: check.path, at: check.at }, ...lines] : lines,
      resource: source === 'nomad-apm' ? known.get(query) : undefined,
      target: Number.isFinite(target) ? target : undefined,
    };
  });
}

function metricsOf({ resource, target }: Check, use: (value: number) => S<number>): readonly Branch[] {
  if (resource === undefined || target === undefined) return [];
  const goal = { type: 'Utilization', averageUtilization: use(Math.round(target)) };
  return [{ type: 'Resource', resource: { name: resource, target: goal } }];
}

export const scaling: Rule<GroupScope> = {
  id: 'group.scaling',
  nomad: 'scaling (group)',
  kubernetes: 'HorizontalPodAutoscaler',
  class: 'approximate',
  why: 'Checks of CPU and memory by the autoscaler of Nomad map; queries of Prometheus need KEDA or an adapter. Held back where a second pod would be a second writer, or wait for a GPU or a port of a node.',
  apply: (scope, use) => {
    const { group, workload, module } = scope;
    const block = group.scaling;
    if (!block) return;
    const items = [...itemsOf({ ...block, policy: undefined, min: undefined, max: undefined })];
    const policy = block.policy;
    const checks = policy ? checksOf(policy) : [];
    const usable = checks.filter(({ resource, target }) => resource !== undefined && target !== undefined);
    const scales = workload.kind === 'Deployment' || workload.kind === 'StatefulSet';
    if (!block.enabled.value || !scales || usable.length === 0) {
      const off = !block.enabled.value || !scales;
      const text = off ? 'scaling is off, so none is written' : 'none of its checks is one that Kubernetes can make';
      const todo = `Write a ScaledObject (KEDA) for ${workload.name}, or leave it at its count.`;
      use.leave(itemsOf(block), off ? { class: 'dropped', text } : { class: 'manual', text, todo });
      return;
    }
    if (workload.alone.length > 0) {
      const text = `none is written, because ${workload.alone.join(', and ')}`;
      const todo = `Leave ${workload.name} at its count, or give each of its pods what only one can have now; then write the autoscaler.`;
      use.leave(itemsOf(block), { class: 'manual', text, todo });
      return;
    }
    const metrics = usable.flatMap((check) => metricsOf(check, (value) => use.take(check.lines, value)));
    for (const check of checks.filter((each) => !usable.includes(each))) {
      const todo = `Decide what replaces the check ${check.path.split('.').at(-1)} of ${workload.name}.`;
      use.leave(check.lines, { class: 'manual', text: 'Kubernetes cannot make this check by itself', todo });
    }
    const min = Math.max(1, block.min?.value ?? group.count?.value ?? 1);
    const max = Math.max(min, block.max?.value ?? group.count?.value ?? min);
    const rest = policy ? restOf(policy, checks) : [];
    const cooldown = policy ? textAt(policy, 'cooldown') : undefined;
    if (items.length + rest.length > 0) use.leave([...items, ...rest.filter(({ path }) => path !== cooldown?.path)]);
    const window = Math.round((durationMs(cooldown?.value ?? '') ?? 300_000) / 1000);
    const spec = {
      scaleTargetRef: targetOf(workload),
      minReplicas: block.min ? use.take(block.min, min) : min,
      maxReplicas: block.max ? use.take(block.max, max) : max,
      metrics,
      behavior: { scaleDown: { stabilizationWindowSeconds: cooldown ? use.take(cooldown, window) : window } },
    };
    // one of the two says how many there are
    delete workload.replicas;
    const { name } = workload;
    const object = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name }, spec };
    module.manifests.push({ kind: 'horizontalpodautoscaler', name, object });
  },
};

function restOf(policy: Free, checks: readonly Check[]): readonly Item[] {
  const seen = new Set(checks.flatMap(({ lines }) => lines.map(({ path }) => path)));
  return freeLines(policy).filter(({ path }) => !seen.has(path));
}

/** Bounds of the Vertical Pod Autoscaler come from here; see vpa.ts. */
export const taskScaling: Rule<GroupScope> = {
  id: 'task.scaling',
  nomad: 'scaling "cpu" / "mem" (task, Enterprise)',
  kubernetes: 'minAllowed and maxAllowed of the VerticalPodAutoscaler',
  class: 'approximate',
  why: 'Nomad Enterprise recommends sizes (Dynamic Application Sizing); its strategy and percentile have no twin.',
  apply: ({ group, project }, use) => {
    for (const block of group.task.flatMap(({ scaling: blocks }) => blocks)) {
      const items = itemsOf(block);
      if (project.policy.vpa === 'none')
        use.leave(items, { class: 'dropped', text: 'the policy writes no autoscaler' });
      else use.leave(items, (block.min ?? block.max) ? {} : { class: 'dropped', text: 'no bounds' });
    }
  },
};
