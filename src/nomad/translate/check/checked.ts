import type { Check, Service } from '../../jobspec/job.ts';
import type { ContainerDraft } from '../draft.ts';
import { portNamed, portsOf, servicesOf } from '../network/port.ts';
import type { GroupScope } from '../scope.ts';
import { isCredential } from '../secret/credential.ts';
import { filled, taskScope } from '../service/filled.ts';
import type { ServiceBlock } from '../service-index.ts';
import { type Branch, Sourced, type Tree } from '../sourced.ts';

/** A check and what it would be in a pod. */
export interface Checked {
  readonly check: Check;
  readonly block: ServiceBlock;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: 'probe'; readonly container: ContainerDraft; readonly handler: Branch }
  /** Nothing of a pod can do it. */
  | { readonly kind: 'none'; readonly why: string };

/** All checks of a group with what they become, in source order. */
export function checksOf(scope: GroupScope): readonly Checked[] {
  return servicesOf(scope.group).flatMap((block) =>
    block.service.check.map((check) => ({ check, block, outcome: outcomeOf(scope, check, block) })),
  );
}

function outcomeOf(scope: GroupScope, check: Check, { service, task }: ServiceBlock): Outcome {
  const type = check.type?.value.toLowerCase() ?? '';
  const port = portOf(scope, check, service);
  const owner = check.task?.value ?? task ?? port?.task;
  const container = taskScope(scope, owner)?.container;
  if (!container) return { kind: 'none', why: 'no container to probe' };
  if (container.role === 'init') return { kind: 'none', why: 'its container runs to its end before the others' };
  if (type === 'script') return script(scope, check, container);
  if (!port) return { kind: 'none', why: 'it has no port whose number is known' };
  if (!isDeclared(scope, port))
    return { kind: 'none', why: `no container that is written listens on port ${port.number}` };
  const handler = handlers[type]?.({ scope, check, port });
  if (handler) return { kind: 'probe', container, handler: traced(handler, check) };
  return { kind: 'none', why: `Nomad has no check of type ${type === '' ? '(none)' : type}` };
}

/** A probe may name a port only where a container has it; the task that listened may have no image. */
function isDeclared({ workload }: GroupScope, { name }: Place): boolean {
  const names = workload.pod.containers.flatMap(({ ports }) => ports.map((each) => each.name));
  return typeof numberOr(name) === 'number' || names.includes(name);
}

interface Asking {
  readonly scope: GroupScope;
  readonly check: Check;
  readonly port: Place;
}

const handlers: Readonly<Record<string, (asking: Asking) => Branch>> = {
  http: ({ scope, check, port }) => http(scope, check, port.name),
  tcp: ({ port }) => ({ tcpSocket: { port: numberOr(port.name) } }),
  grpc: ({ check, port }) => grpc(check, port),
};

/** The handler, knowing the lines that say what it is. */
function traced(handler: Branch, { type, port, task }: Check): Branch {
  const items = [type, port, task].filter((field) => field !== undefined);
  const of = (tree: Tree): Tree => (items.length === 0 ? tree : new Sourced(tree, items));
  return Object.fromEntries(Object.entries(handler).map(([key, tree]) => [key, tree === undefined ? tree : of(tree)]));
}

interface Place {
  readonly name: string;
  readonly number: number;
  readonly task: string | undefined;
}

/** The application's own port: behind a listener of the proxy it is the port that the exposed path leads to. */
function portOf({ group }: GroupScope, check: Check, service: Service): Place | undefined {
  const ports = portsOf(group);
  const label = check.port?.value;
  const paths = service.connect?.sidecar_service?.proxy?.expose?.path ?? [];
  const exposed = paths.find(({ listener_port: listener }) => label !== undefined && listener?.value === label);
  if (exposed?.local_path_port)
    return portNamed(ports, String(exposed.local_path_port.value)) ?? numbered(exposed.local_path_port.value);
  const own = label === undefined || check.expose.value ? undefined : portNamed(ports, label);
  return own ?? (service.port ? portNamed(ports, service.port.value) : undefined);
}

function numbered(number: number): Place {
  return { name: String(number), number, task: undefined };
}

/** A shell may be missing in the image; that is said where the check is accounted for. */
function script(scope: GroupScope, { command, args, task }: Check, container: ContainerDraft): Outcome {
  if (!command) return { kind: 'none', why: 'it has no command' };
  const words = [command, ...(args ? [args] : [])];
  const texts = [command.value, ...(args?.value ?? [])].map((text) => filled(text, scope, task?.value).text);
  return { kind: 'probe', container, handler: { exec: { command: new Sourced(texts, words) } } };
}

function http(scope: GroupScope, check: Check, port: string): Branch {
  if (opaque(check)) return { tcpSocket: { port: numberOr(port) } };
  const { path, protocol } = check;
  const headers = check.header
    .filter(({ key, value }) => !secret(key, value.join()))
    .flatMap(({ key, value, ...item }) => value.map((each) => new Sourced({ name: key, value: each }, [item])));
  const text = filled(path?.value ?? '/', scope, check.task?.value).text;
  const written = text.startsWith('/') ? text : `/${text}`;
  return {
    httpGet: {
      path: path ? new Sourced(written, [path]) : written,
      port: numberOr(port),
      ...(protocol?.value.toLowerCase() === 'https' ? { scheme: new Sourced('HTTPS', [protocol]) } : {}),
      ...(headers.length > 0 ? { httpHeaders: headers } : {}),
    },
  };
}

/** A request that a probe cannot make: it would be answered with a failure, and the pod never be ready. */
export function opaque({ method, body }: Check): boolean {
  return !/^(GET|HEAD)$/i.test(method.value) || body !== undefined;
}

/** A header whose value belongs into no manifest. */
export function secret(key: string, value: string): boolean {
  return /^(authorization|proxy-authorization|cookie|x-api-key|x-auth-token)$/i.test(key) || isCredential(key, value);
}

function numberOr(port: string): string | number {
  return /^\d+$/.test(port) ? Number(port) : port;
}

/** The kubelet speaks no TLS to gRPC; that the port is open is what is left. */
function grpc({ grpc_service: service, grpc_use_tls: tls }: Check, { name, number }: Place): Branch {
  if (tls.value) return { tcpSocket: { port: numberOr(name) } };
  return { grpc: { port: number, ...(service ? { service: new Sourced(service.value, [service]) } : {}) } };
}

/** Whole seconds, at least one. */
export function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
