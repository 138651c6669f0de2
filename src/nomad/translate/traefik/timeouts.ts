import { durationMs } from '../../jobspec/duration.ts';
import type { Item } from '../../jobspec/field.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { CallTimeouts, GroupScope, ProjectScope } from '../scope.ts';
import { targetsOf } from '../service/service-rules.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Branch } from '../sourced.ts';

function waitsOf({ surroundings }: ProjectScope, { known }: ServiceTarget): readonly CallTimeouts[] {
  return surroundings.timeouts.filter(({ service }) => service.toLowerCase() === known.toLowerCase());
}

function transportOf({ name }: ServiceTarget): string {
  return fold(`${name}-timeouts`);
}

/** What an IngressRoute's service needs so that Traefik waits as Consul's proxies did; nothing where they had no timeouts. */
export function waiting(project: ProjectScope, target: ServiceTarget): Branch | undefined {
  return waitsOf(project, target).length === 0 ? undefined : { serversTransport: transportOf(target) };
}

/** Of several the shortest ended a call. */
function shortest(lengths: readonly (string | undefined)[]): string | undefined {
  const said = lengths.filter((each) => each !== undefined);
  const [first] = said.toSorted((left, right) => (durationMs(left) ?? 0) - (durationMs(right) ?? 0));
  return first;
}

/** After the routes of the group, which it looks for. */
const timeouts: Rule<GroupScope> = {
  id: 'traefik.timeouts',
  nomad: 'timeouts of service-defaults and service-resolver of Consul beside the jobs',
  kubernetes: 'ServersTransport of the routes: dialTimeout and responseHeaderTimeout',
  class: 'approximate',
  why: 'Calls from pod to pod have no proxy that would wait: their timeouts are for the applications. Traefik waits for the first bytes of the answer, not for its end.',
  apply: (scope, use) => {
    const { project, module } = scope;
    for (const target of targetsOf(scope)) {
      const waits = waitsOf(project, target);
      if (waits.length === 0) continue;
      const connect = shortest(waits.map((each) => each.connect));
      const response = shortest(waits.map((each) => each.response));
      const where = waits.map(({ file, line }) => `${file}:${line}`).join(', ');
      const items = itemsOf(target);
      const name = transportOf(target);
      const used = module.manifests.some(
        ({ kind, object }) => kind === 'ingressroute' && JSON.stringify(object).includes(JSON.stringify(name)),
      );
      if (!used) {
        const todo = `Decide who ends calls of ${target.name} that take too long (${where}): no route of Traefik does.`;
        use.leave(items, { class: 'manual', text: `timeouts at ${where}: no route uses them`, todo });
        continue;
      }
      const spec = { forwardingTimeouts: { dialTimeout: connect, responseHeaderTimeout: response } };
      const metadata = { name };
      const object = { apiVersion: 'traefik.io/v1alpha1', kind: 'ServersTransport', metadata, spec };
      module.manifests.push({ kind: 'serverstransport', name, object });
      use.leave(items, { text: `ServersTransport ${name}: timeouts at ${where}` });
    }
  },
};

/** The lines of a service that stand for it. */
function itemsOf({ blocks }: ServiceTarget): readonly Item[] {
  return blocks.map(({ service }) => service.name ?? service.port ?? service);
}

export const timeoutRules: readonly Rule<GroupScope>[] = [timeouts];
