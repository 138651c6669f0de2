/**
 * The words of a template that hang on the cluster: `@CLUSTER@` and the like. They look like nothing that YAML, Jinja, Go
 * templates or shells would read, so that a template is a file like any other, which its own tools can check.
 */
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { servers, shortName } from '../spec/rules/rule.ts';

/** By word; a template that says another one is refused. */
export type Words = Readonly<Record<string, string>>;

/** The examples in runbooks name a node that is there. */
export function wordsOf(spec: ClusterSpec): Words {
  const [server] = servers(spec);
  const last = spec.nodes.at(-1);
  const name = server?.name ?? last?.name ?? 'node-1';
  const node = last?.name ?? name;
  return {
    CLUSTER: spec.name,
    SERVER: name,
    SERVER_SHORT: shortName(name),
    SERVER_ADDRESS: server?.address ?? last?.address ?? '192.0.2.1',
    SERVER_USER: server?.ssh.user ?? 'larder',
    NODE: node,
    NODE_SHORT: shortName(node),
    SERVERS: String(servers(spec).length),
    NODES: String(spec.nodes.length),
    API_ADDRESS: spec.api.vip ?? server?.address ?? '192.0.2.1',
    API_PORT: String(spec.api.port),
    PODS: spec.cidrs.pods,
    SERVICES: spec.cidrs.services,
  };
}

export type Filled =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown'; readonly words: readonly string[] };

export function fill(template: string, words: Words): Filled {
  const unknown = new Set<string>();
  const text = template.replace(/@([A-Z][A-Z_]+)@/g, (written, word: string) => {
    const value = words[word];
    if (value === undefined) unknown.add(word);
    return value ?? written;
  });
  return unknown.size === 0 ? { kind: 'text', text } : { kind: 'unknown', words: [...unknown] };
}
