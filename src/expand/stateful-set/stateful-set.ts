/** A StatefulSet whole, as it must be to be made again, and which claims are those of its templates. */
import { defineResource } from '../../kube/define-resource.ts';
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isObject } from '../../kube/reader.ts';

export type Raw = Readonly<Record<string, unknown>>;

export interface StatefulSet extends KubeObject {
  /** Every field, as the API server gave it. */
  readonly whole: Raw;
}

export const statefulSets = defineResource<StatefulSet>(
  { group: 'apps', version: 'v1', plural: 'statefulsets', kind: 'StatefulSet', namespaced: true },
  (raw) => ({ whole: recordIn(raw) }),
);

/** Empty for what is no object. */
export function recordIn(value: unknown, ...names: readonly string[]): Raw {
  const found = names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);
  return isObject(found) ? found : {};
}

export function templatesIn(whole: Raw): readonly Raw[] {
  const templates = recordIn(whole, 'spec')['volumeClaimTemplates'];
  return Array.isArray(templates) ? templates.filter(isObject) : [];
}

export function templateName(template: Raw): string {
  return String(recordIn(template, 'metadata')['name'] ?? '');
}

/** Claims of one template, also of replicas that are not there now: their volumes wait for them. */
export function claimsOf(
  { metadata }: StatefulSet,
  template: string,
  claims: readonly PersistentVolumeClaim[],
): readonly PersistentVolumeClaim[] {
  const prefix = `${template}-${metadata.name}-`;
  return claims.filter(
    ({ metadata: { namespace, name } }) =>
      namespace === metadata.namespace && name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)),
  );
}
