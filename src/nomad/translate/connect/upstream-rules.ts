import { itemsOf } from '../../jobspec/items.ts';
import type { Task } from '../../jobspec/job.ts';
import { plain } from '../../source/node.ts';
import type { Note } from '../account.ts';
import { addEdge } from '../edge.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { Sourced } from '../sourced.ts';
import { clean, destinationOf, type Upstream, upstreamsOf } from './upstream.ts';

const upstream: Rule<GroupScope> = {
  id: 'connect.upstreams',
  nomad: 'connect proxy upstreams',
  kubernetes: 'the Service: ${NOMAD_UPSTREAM_ADDR_name} becomes its name and port; an edge for the policies',
  class: 'direct',
  why: 'Nothing listens on localhost any more: an address that is written out in the job is told, not changed.',
  apply: (scope, use) => {
    for (const each of upstreamsOf(scope.group)) {
      const found = destinationOf(each, scope);
      if (found.kind === 'unknown') {
        const name = each.destination_name?.value ?? '';
        const todo = `Give ${scope.workload.name} an address for its upstream ${name}, or answer external.${name} with NAME:PORT.`;
        use.leave(itemsOf({ ...each, config: undefined }), { class: 'manual', text: found.why, todo });
        continue;
      }
      const items = each.destination_name ? [each.destination_name] : [];
      if (found.kind === 'known')
        addEdge(scope.project.edges, { from: scope.workload, to: found.target, why: 'an upstream', items });
      const address = `${found.host}:${found.port}`;
      const outside: Note = { class: 'approximate', text: `${address}, outside of the cluster, as it was answered` };
      if (items.length > 0) use.leave(items, found.kind === 'known' ? { text: address } : outside);
      leaveRest(scope, each, address, use);
    }
  },
};

function leaveRest(scope: GroupScope, each: Upstream, address: string, use: Use): void {
  const { local_bind_port: port, local_bind_socket_path: socket } = each;
  if (port) leavePort(scope, each, address, use);
  if (socket) {
    const todo = `Let ${scope.workload.name} call ${address} instead of the socket ${socket.value}.`;
    use.leave(socket, { class: 'manual', text: 'there is no proxy to listen on a socket', todo });
  }
  const told = [each.destination_name, port, socket];
  const rest = itemsOf({ ...each, config: undefined }).filter(
    ({ path }) => !told.some((field) => field?.path === path),
  );
  if (rest.length > 0) use.leave(rest, { class: 'dropped', text: 'about the way of the proxy' });
}

/** Tasks that read the variable get the Service; those that have the address written out must be changed by a person. */
function leavePort(
  scope: GroupScope,
  { local_bind_port: port, local_bind_address: own }: Upstream,
  address: string,
  use: Use,
): void {
  if (!port) return;
  const bound = own?.value ?? '127.0.0.1';
  const pattern = new RegExp(`(?:localhost|127\\.0\\.0\\.1|${bound.replaceAll('.', '\\.')}):${port.value}(?!\\d)`);
  const speaking = scope.group.task.filter((task) => textsOf(task).some((text) => pattern.test(text)));
  if (speaking.length === 0) {
    use.leave(port, { text: `${address} instead` });
    return;
  }
  const names = speaking.map(({ label }) => label.text).join(', ');
  const text = `${names} calls localhost:${port.value}, where nothing listens any more`;
  const todo = `Let ${names} call ${address} instead of localhost:${port.value}.`;
  use.leave(port, { class: 'manual', text, todo });
}

function textsOf(task: Task): readonly string[] {
  const values = task.config?.body.attributes.map(({ value }) => JSON.stringify(plain(value))) ?? [];
  return [...task.env.map(({ value }) => value), ...task.template.map(({ data }) => data?.value ?? ''), ...values];
}

const variables: Rule<GroupScope> = {
  id: 'connect.upstream-variables',
  nomad: 'NOMAD_UPSTREAM_ADDR_name, _IP_, _PORT_, read by the application itself',
  kubernetes: 'env with the address of the Service',
  class: 'direct',
  why: 'Nomad sets them in every task of a group with upstreams.',
  apply: (scope, use) => {
    for (const each of upstreamsOf(scope.group)) {
      const found = destinationOf(each, scope);
      if (found.kind === 'unknown' || !each.destination_name) continue;
      const { host, port } = found;
      const name = clean(each.destination_name.value);
      const silent = scope.workload.pod.containers.filter(
        ({ task }) => task && !textsOf(task).some((text) => text.includes('NOMAD_UPSTREAM_')),
      );
      const values = [
        { key: 'ADDR', value: `${host}:${port}` },
        { key: 'IP', value: host },
        { key: 'PORT', value: String(port) },
      ];
      for (const { env } of silent) {
        for (const { key, value } of values) {
          const called = `NOMAD_UPSTREAM_${key}_${name}`;
          const origin = new Sourced(value, [each.destination_name]);
          if (!env.some((known) => known.name === called)) env.push({ name: called, value: origin });
        }
      }
      const text = `NOMAD_UPSTREAM_ADDR_${name} and its kin in the environment`;
      if (silent.length > 0) use.leave(each.destination_name, { text });
    }
  },
};

/** After the tasks. */
export const upstreamRules: readonly Rule<GroupScope>[] = [upstream, variables];
