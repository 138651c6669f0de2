import type { Group, Service } from '../../jobspec/job.ts';
import { hostOf } from '../consul-name.ts';
import { servicesOf } from '../network/port.ts';
import type { GroupScope } from '../scope.ts';
import type { ServiceTarget } from '../service-index.ts';
import type { Resolver } from '../variable/variable.ts';
import { externalOf } from './external.ts';

type Connect = NonNullable<Service['connect']>;
type Proxy = NonNullable<NonNullable<Connect['sidecar_service']>['proxy']>;
export type Upstream = Proxy['upstreams'][number];

/** What the services of a group reach through their proxies. */
export function upstreamsOf(group: Group): readonly Upstream[] {
  return servicesOf(group).flatMap(({ service }) => service.connect?.sidecar_service?.proxy?.upstreams ?? []);
}

/** Where an upstream is after the migration; a reason where it is not known. */
export type Destination =
  | { readonly kind: 'known'; readonly target: ServiceTarget; readonly host: string; readonly port: number }
  /** Outside of the cluster, as a person answered. */
  | { readonly kind: 'external'; readonly host: string; readonly port: number }
  | { readonly kind: 'unknown'; readonly why: string };

export function destinationOf(
  { destination_name: name, destination_peer: peer, datacenter }: Upstream,
  { project }: GroupScope,
): Destination {
  if (name === undefined) return { kind: 'unknown', why: 'it has no destination_name' };
  if (peer !== undefined) return { kind: 'unknown', why: `${name.value} is a service of the peer ${peer.value}` };
  const homes = project.modules.flatMap(({ job }) => job.datacenters?.value ?? []);
  if (datacenter !== undefined && datacenter.value !== '' && !homes.includes(datacenter.value)) {
    return { kind: 'unknown', why: `${name.value} is a service of the datacenter ${datacenter.value}` };
  }
  const target = project.services.get(name.value);
  if (target?.port !== undefined) return { kind: 'known', target, host: hostOf(target), port: target.port };
  const why = `no job that was converted has a service ${name.value}`;
  const external = externalOf(project, name.value);
  if (!external) return { kind: 'unknown', why };
  const { host, port } = external;
  if (port === undefined) return { kind: 'unknown', why: `${why}, and external.${name.value} says no port` };
  return { kind: 'external', host, port };
}

const form = /^NOMAD_UPSTREAM_(ADDR|IP|PORT)_(.+)$/;

/** `NOMAD_UPSTREAM_ADDR_db`: the Service instead of the proxy's end on localhost. Nomad also takes the name with `_` for `-`. */
export const upstreamVariable: Resolver = (name, scope) => {
  const [, part, key] = form.exec(name) ?? [];
  if (part === undefined || key === undefined) return undefined;
  const upstream = upstreamsOf(scope.group).find(
    ({ destination_name: to }) => to && [to.value, clean(to.value)].includes(key),
  );
  const refusal = (text: string) =>
    ({ kind: 'manual', note: { class: 'manual', text: `${name}: ${text}`, todo: `Set ${name}.` } }) as const;
  if (!upstream) return refusal(`the group has no upstream ${key}`);
  const found = destinationOf(upstream, scope);
  if (found.kind === 'unknown') return refusal(found.why);
  const { host, port } = found;
  const texts = { ADDR: `${host}:${port}`, IP: host, PORT: String(port) };
  const text = part === 'ADDR' ? texts.ADDR : part === 'IP' ? texts.IP : texts.PORT;
  return { kind: 'literal', text };
};

/** As Nomad cleans a name for the environment (helper.CleanEnvVar). */
export function clean(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.]/g, '_');
}
