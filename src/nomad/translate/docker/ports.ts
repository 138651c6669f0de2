import { dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import { portsOf } from '../network/port.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { bare } from '../sourced.ts';

/** The container's ports are there already; here they learn which line of the driver asked for them. */
function publish(
  scope: TaskScope,
  label: string,
  use: Use,
): { readonly found: boolean; readonly take: (item: Item) => void } {
  const port = portsOf(scope.group).find((each) => each.label === label);
  const index = scope.container.ports.findIndex(({ name }) => name !== undefined && name === port?.name);
  const draft = scope.container.ports[index];
  return {
    found: draft !== undefined,
    take: (item) => {
      const text = `containerPort ${draft ? bare(draft.containerPort) : '?'} of ${label}`;
      const number = use.take(item, draft ? bare(draft.containerPort) : 0, { text });
      if (draft && typeof draft.containerPort === 'number')
        scope.container.ports[index] = { ...draft, containerPort: number };
    },
  };
}

function ruleOf(driver: 'docker' | 'podman'): Rule<TaskScope> {
  return {
    id: `${driver}.ports`,
    nomad: `${driver}: ports, port_map`,
    kubernetes: 'containerPort, named after the label',
    class: 'direct',
    why: 'In a pod every port can be reached; ports says which container listens.',
    apply: (scope, use) => {
      const config = driver === 'docker' ? dockerConfig(scope.task) : podmanConfig(scope.task);
      const field = config?.ports;
      const missing = (item: Item, labels: string): void => {
        const todo = `Decide what listens on ${labels} of ${scope.container.name}: the group has no such port.`;
        use.leave(item, { class: 'manual', text: `no port ${labels} in the group`, todo });
      };
      if (field) {
        const ports = field.value.map((label) => ({ label, ...publish(scope, label, use) }));
        const lost = ports.filter(({ found }) => !found).map(({ label }) => label);
        if (lost.length > 0) missing(field, lost.join(', '));
        else if (ports.length === 0) use.leave(field, { class: 'dropped', text: 'none' });
        for (const { found, take } of ports) if (found) take(field);
      }
      for (const pair of config?.port_map ?? []) {
        const { found, take } = publish(scope, pair.key, use);
        if (found) take(pair);
        else missing(pair, pair.key);
      }
    },
  };
}

export const dockerPortRules: readonly Rule<TaskScope>[] = [ruleOf('docker'), ruleOf('podman')];
