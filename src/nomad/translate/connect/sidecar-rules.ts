import { itemsOf } from '../../jobspec/items.ts';
import type { Service } from '../../jobspec/job.ts';
import { plain } from '../../source/node.ts';
import type { Note } from '../account.ts';
import { portNamed, portsOf, servicesOf } from '../network/port.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';

type Connect = NonNullable<Service['connect']>;

function connectsOf({ group }: GroupScope): readonly { readonly service: Service; readonly connect: Connect }[] {
  return servicesOf(group).flatMap(({ service }) => (service.connect ? [{ service, connect: service.connect }] : []));
}

function proxiesOf(scope: GroupScope): readonly NonNullable<NonNullable<Connect['sidecar_service']>['proxy']>[] {
  return connectsOf(scope).flatMap(({ connect }) => connect.sidecar_service?.proxy ?? []);
}

const sidecar: Rule<GroupScope> = {
  id: 'connect.sidecar_service',
  nomad: 'connect.sidecar_service, native',
  kubernetes: 'nothing in the pod: the mesh of the cluster encrypts, and policies say who may call',
  class: 'dropped',
  why: 'See the guide on the mesh for what Cilium, Linkerd or none give in place of Connect.',
  apply: (scope, use) => {
    for (const { connect } of connectsOf(scope)) {
      if (connect.counted) use.leave(connect);
      if (connect.native.written)
        use.leave(connect.native, { text: 'the application asked Consul itself for certificates' });
      const { sidecar_service: own } = connect;
      if (!own) continue;
      const { port, tags, disable_default_tcp_check: check, meta, proxy } = own;
      const fields = [port, tags, check].filter((field) => field !== undefined);
      const items = [...(own.counted ? [own] : []), ...fields, ...meta, ...(proxy?.counted ? [proxy] : [])];
      if (items.length > 0) use.leave(items);
    }
  },
};

const sidecarTask: Rule<GroupScope> = {
  id: 'connect.sidecar_task',
  nomad: 'connect.sidecar_task',
  kubernetes: 'nothing: there is no proxy in the pod',
  class: 'dropped',
  why: 'Image, resources and logs of a proxy that is gone.',
  apply: (scope, use) => {
    for (const { connect } of connectsOf(scope)) {
      if (connect.sidecar_task) use.leave(itemsOf(connect.sidecar_task));
    }
  },
};

const local: Rule<GroupScope> = {
  id: 'connect.local_service',
  nomad: 'connect proxy local_service_port, local_service_address',
  kubernetes: "port and targetPort of the Service: the application's own",
  class: 'direct',
  why: 'The proxy forwarded there.',
  apply: (scope, use) => {
    for (const { local_service_port: port, local_service_address: address } of proxiesOf(scope)) {
      if (port) use.leave(port);
      if (!address) continue;
      const todo = 'Let the application listen on 0.0.0.0.';
      const text = `the application listens on ${address.value}, where neither the Service nor a probe reaches it`;
      const open = address.value === '' || address.value === '0.0.0.0';
      use.leave(address, open ? { class: 'dropped', text: 'all addresses' } : { class: 'manual', text, todo });
    }
  },
};

/** Settings of a proxy that shape requests; without them an application may see other timeouts. */
const shaping = /timeout|max_|limit|retry|retries|balance_|passive_health/i;

const config: Rule<GroupScope> = {
  id: 'connect.config',
  nomad: 'connect proxy config, upstreams config',
  kubernetes: 'nothing; a timeout belongs to a ServersTransport of Traefik or to the application',
  class: 'dropped',
  why: 'They are settings of Envoy. Limits and timeouts are told, because something may rely on them.',
  apply: (scope, use) => {
    const blocks = proxiesOf(scope).flatMap((proxy) => [proxy.config, ...proxy.upstreams.map((each) => each.config)]);
    for (const item of blocks.flatMap((block) => (block ? itemsOf(block) : []))) {
      const key = item.path.split('.').at(-1) ?? '';
      const todo = `Decide whether ${scope.workload.name} relies on ${key}: nothing in the cluster does it.`;
      const note: Note = { class: 'manual', text: `${key} was kept by the proxy`, todo };
      use.leave(item, shaping.test(key) ? note : {});
    }
  },
};

const expose: Rule<GroupScope> = {
  id: 'connect.expose',
  nomad: 'connect proxy expose.path',
  kubernetes: 'nothing: the port of the pod is reached as it is',
  class: 'dropped',
  why: 'The proxy let a path through without the mesh. Scrape the port of the pod instead.',
  apply: (scope, use) => {
    const ports = portsOf(scope.group);
    for (const path of proxiesOf(scope).flatMap(({ expose: block }) => block?.path ?? [])) {
      const number = path.local_path_port?.value;
      const own = number === undefined ? undefined : portNamed(ports, String(number));
      const text = own ? `${path.path?.value ?? '/'} is at port ${own.number} of the pod` : undefined;
      const items = itemsOf(path);
      if (items.length > 0) use.leave(items, text === undefined ? {} : { text });
    }
    for (const { expose: block } of proxiesOf(scope)) if (block?.counted) use.leave(block.item);
  },
};

const transparent: Rule<GroupScope> = {
  id: 'connect.transparent_proxy',
  nomad: 'connect proxy transparent_proxy',
  kubernetes: 'nothing: names of Services work without a proxy',
  class: 'dropped',
  why: 'Names below virtual.consul become Services with their real port; under the proxy any port worked.',
  apply: (scope, use) => {
    for (const { transparent_proxy: block } of proxiesOf(scope)) {
      if (!block) continue;
      const { exclude_outbound_ports: ports, exclude_outbound_cidrs: cidrs } = block;
      const outside = [ports, cidrs].filter((field) => field !== undefined);
      const rest = itemsOf(block).filter((item) => !outside.some(({ path }) => path === item.path));
      if (rest.length > 0) use.leave(rest);
      for (const field of outside) {
        const shown = JSON.stringify(plain(field.node));
        const text = `it calls ${shown} past the mesh: something outside of the cluster`;
        use.leave(field, { class: 'approximate', text });
      }
    }
  },
};

/** After the tasks: what is said of ports is known. */
export const sidecarRules: readonly Rule<GroupScope>[] = [sidecar, sidecarTask, local, config, expose, transparent];
