import type { Item } from '../../jobspec/field.ts';
import type { Leaf } from '../../template/value.ts';
import type { ConfigDraft, ModuleDraft, SecretsDraft } from '../draft.ts';
import type { ModuleScope } from '../scope.ts';
import { type Branch, bare, type S, Sourced } from '../sourced.ts';

type Scope = Pick<ModuleScope, 'project' | 'module'>;

/** The key of a value in the module's Secret; the first who asks has it fetched. */
export function secretKey(scope: Scope, leaf: Leaf, from: readonly Item[]): string {
  const secrets = secretsOf(scope);
  const id = [leaf.source, leaf.engine, leaf.path, leaf.property].join('\n');
  const known = secrets.keys.get(id);
  if (known !== undefined) return known;
  const key = unused([wordOf(leaf.property), keyName(leaf)], secrets);
  secrets.keys.set(id, key);
  const remoteRef = { key: leaf.path, property: leaf.property };
  const { store, kind } = scope.project.policy.secrets;
  // a store speaks to engines of one version
  const first = leaf.engine === 1 ? { sourceRef: { storeRef: { name: `${store}-v1`, kind } } } : {};
  secrets.data.push({ secretKey: key, remoteRef: new Sourced(remoteRef, from), ...first });
  return key;
}

/** A key of the module's Secret whose value is rendered from what is fetched; the first of the names that is free. */
export function secretTemplate(scope: Scope, wanted: readonly string[], text: Sourced<string>): string {
  const secrets = secretsOf(scope);
  const same = wanted.find((key) => bare(secrets.templates[key] ?? '') === text.value && text.value !== '');
  if (same !== undefined) return same;
  const key = unused(wanted, secrets);
  secrets.templates[key] = text;
  // merged, because variables read the fetched values themselves
  secrets.target['template'] = { engineVersion: 'v2', mergePolicy: 'Merge', data: secrets.templates };
  return key;
}

/** A key of the module's ConfigMap; the same text under the same name is there once. */
export function configKey({ module }: Scope, wanted: readonly string[], text: S<string>): string {
  const { data } = configOf(module);
  for (let count = 0; ; count += 1) {
    const key = wanted[count] ?? `${count}-${wanted[0]}`;
    const known = data[key];
    if (known === undefined) data[key] = text;
    if (known === undefined || bare(known) === bare(text)) return key;
  }
}

/** An ExternalSecret of its own for all keys of one secret, which become variables. */
export function wholeSecret({ project, module }: Scope, path: Sourced<string>): string {
  const name = `${module.name}-${path.value.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase()}`;
  if (module.manifests.some((each) => each.name === name && each.kind === 'externalsecret')) return name;
  const object = externalSecret(project.policy.secrets, name, {
    target: { name },
    dataFrom: [{ extract: { key: path } }],
  });
  module.manifests.push({ kind: 'externalsecret', name, object });
  return name;
}

function secretsOf({ project, module }: Scope): SecretsDraft {
  if (module.secrets) return module.secrets;
  const name = `${module.name}-secrets`;
  const secrets: SecretsDraft = { name, data: [], keys: new Map(), templates: {}, target: { name } };
  module.secrets = secrets;
  const { data, target } = secrets;
  module.manifests.push({
    kind: 'externalsecret',
    name,
    object: externalSecret(project.policy.secrets, name, { target, data }),
  });
  return secrets;
}

function configOf(module: ModuleDraft): ConfigDraft {
  if (module.config) return module.config;
  const config: ConfigDraft = { name: `${module.name}-config`, data: {} };
  module.config = config;
  const { name, data } = config;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  module.manifests.push({ kind: 'configmap', name, object });
  return config;
}

function externalSecret(
  { store, kind, refresh }: { readonly store: string; readonly kind: string; readonly refresh: string },
  name: string,
  rest: Branch,
): Branch {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name },
    spec: { refreshInterval: refresh, secretStoreRef: { name: store, kind }, ...rest },
  };
}

/** Path without its mount, then the property. */
function keyName({ path, property }: Leaf): string {
  return wordOf([...path.split('/').slice(1), property].join('_'));
}

/** A word of Go's templates, so that `{{ .key }}` reads it. */
function wordOf(name: string): string {
  const word = name.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(word) ? word : `_${word}`;
}

function unused(wanted: readonly string[], { keys, templates }: SecretsDraft): string {
  const taken = new Set([...keys.values(), ...Object.keys(templates)]);
  for (let count = 0; ; count += 1) {
    const key = wanted[count] ?? `${wanted.at(-1)}_${count}`;
    if (!taken.has(key)) return key;
  }
}
