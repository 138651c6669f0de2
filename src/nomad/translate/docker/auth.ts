import { dockerConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Item } from '../../jobspec/field.ts';
import { itemsOf } from '../../jobspec/items.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { ownPath } from '../secret/cleaned.ts';
import { bare } from '../sourced.ts';
import { onDocker, onPodman } from './driver-config.ts';
import { registryHost } from './registry.ts';

const words = {
  key: 'auth',
  nomad: 'auth (username, password, server_address)',
  kubernetes: 'imagePullSecrets, filled from Vault by an ExternalSecret',
  class: 'approximate',
  why: 'Neither user nor password of the job is written anywhere. What the clients of Nomad know of registries is not in the job.',
} as const;

const docker = onDocker(words, (scope, use) => {
  const { auth } = scope.config;
  if (auth) pullWith(scope, { items: itemsOf(auth), server: auth.server_address?.value }, use);
});

const podman = onPodman(words, (scope, use) => {
  const { auth } = scope.config;
  if (auth) pullWith(scope, { items: itemsOf(auth), server: undefined }, use);
});

interface Login {
  readonly items: readonly Item[];
  readonly server: string | undefined;
}

function pullWith({ module, workload, container, project, task }: TaskScope, { items, server }: Login, use: Use): void {
  if (items.length === 0) return;
  const image = dockerConfig(task)?.image?.value ?? podmanConfig(task)?.image?.value ?? bare(container.image);
  const registry = server ?? registryOf(image);
  const { secrets, registries } = project.policy;
  const known = Object.keys(registries).find((prefix) => image.startsWith(prefix));
  if (known !== undefined) {
    use.leave(items, { text: `pulled with the secret ${registries[known]} of the policy` });
    return;
  }
  const name = fold(`${module.name}-pull-${fold(registry)}`);
  const key = `${ownPath({ project, module })}/registry`;
  const todo = `Store username and password for ${registry} in Vault at ${key}.`;
  const own = use.take(items, name, { text: `pulled with the secret ${name}`, todo });
  workload.pod.pullSecrets.add(name);
  if (module.manifests.some((each) => each.kind === 'externalsecret' && each.name === name)) return;
  module.manifests.push({
    kind: 'externalsecret',
    name,
    object: {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name: own },
      spec: {
        refreshInterval: secrets.refresh,
        secretStoreRef: { name: secrets.store, kind: secrets.kind },
        target: {
          name,
          template: {
            type: 'kubernetes.io/dockerconfigjson',
            engineVersion: 'v2',
            data: { '.dockerconfigjson': loginOf(registry) },
          },
        },
        data: ['username', 'password'].map((property) => ({ secretKey: property, remoteRef: { key, property } })),
      },
    },
  });
}

/** As kubectl create secret docker-registry writes it, filled by External Secrets. */
function loginOf(registry: string): string {
  const auth = '{{ printf "%s:%s" .username .password | b64enc }}';
  return `{"auths":{"${registry}":{"username":{{ .username | toJson }},"password":{{ .password | toJson }},"auth":"${auth}"}}}`;
}

/** As Docker keeps its logins. */
function registryOf(image: string): string {
  const host = registryHost(image);
  return host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
}

export const authRules: readonly Rule<TaskScope>[] = [docker, podman];
