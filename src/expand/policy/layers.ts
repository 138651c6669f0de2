/** Gathers the places that say something about one claim, nearest first. Pure: everything is in memory. */
import type { Namespace, PersistentVolumeClaim, StorageClass } from '../../kube/kinds.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Belonging } from '../group/belonging.ts';
import { groupLayer, groupNotes } from '../group/group.ts';
import { configurationLayers, type ResolvedConfiguration } from '../settings/configuration.ts';
import { ANNOTATION_PREFIX, type Field, fieldsOfAnnotations, parseName, settingKeys } from '../settings/settings.ts';
import { type PolicyShelf, policiesFor } from './policies.ts';
import { type Layer, layersOf } from './policy.ts';

/** What there is around a claim. */
export interface Above {
  /** The PVCGroup that the claim belongs to; absent: none. */
  readonly belonging?: Belonging | undefined;
  readonly policies: PolicyShelf;
  readonly namespace: Namespace | undefined;
  readonly storageClass: StorageClass | undefined;
  readonly configuration: ResolvedConfiguration;
}

export interface Layers {
  readonly layers: readonly Layer[];
  /** What `explain` says beside them. */
  readonly notes: readonly string[];
}

const POLICY = ANNOTATION_PREFIX + settingKeys.policy;

type Place = Pick<KubeObject, 'metadata'> | undefined;

/** The name that the claim, else its namespace, else its class gives; undefined also when it cannot be read. */
export function policyNameOf(...places: readonly Place[]): string | undefined {
  return nameIn(POLICY, places);
}

/** The same for any annotation that names an object. */
export function nameIn(annotation: string, places: readonly Place[]): string | undefined {
  for (const place of places) {
    const annotations = place?.metadata.annotations ?? {};
    if (!Object.hasOwn(annotations, annotation)) continue;
    const name = parseName(annotations[annotation] ?? '');
    return name.ok ? name.value : undefined;
  }
  return undefined;
}

type Naming = 'policy' | 'group';

export function layersFor(object: PersistentVolumeClaim, above: Above): Layers {
  const { namespace, storageClass, configuration, policies } = above;
  const own: Layer = {
    source: { level: 'claim', label: 'annotation' },
    fields: fieldsOfAnnotations(object.metadata.annotations),
  };
  const defaults: Layer | undefined = namespace && {
    source: { level: 'namespace', label: `namespace ${namespace.metadata.name}` },
    fields: fieldsOfAnnotations(namespace.metadata.annotations),
  };
  const classed: Layer | undefined = storageClass && {
    source: { level: 'class', label: `class ${storageClass.metadata.name}` },
    fields: fieldsOfAnnotations(storageClass.metadata.annotations),
  };
  const name = policyNameOf(object, namespace, storageClass);
  const { byName, bySelector, nameProblem, notes } = policiesFor(object, name, policies);
  const { belonging } = above;
  const naming = (field: Naming): Layer | undefined => [own, defaults, classed].find((place) => place?.fields[field]);
  // A name that leads nowhere is a value that cannot be used, of the place that gives it.
  const checked = (layer: Layer): Layer => {
    const policyProblem = nameProblem !== '' && layer === naming('policy') ? nameProblem : '';
    const groupProblem = belonging && belonging.problem !== '' && layer === naming('group') ? belonging.problem : '';
    if (policyProblem === '' && groupProblem === '') return layer;
    return {
      ...layer,
      fields: {
        ...layer.fields,
        ...(policyProblem === '' ? {} : { policy: misnamed(layer, 'policy', policyProblem) }),
        ...(groupProblem === '' ? {} : { group: misnamed(layer, 'group', groupProblem) }),
      },
    };
  };
  const layers = layersOf({
    claim: checked(own),
    group: belonging?.group && groupLayer(belonging.group),
    policyByName: byName,
    policiesBySelector: bySelector,
    namespace: defaults && checked(defaults),
    class: classed && checked(classed),
    configuration: configurationLayers(configuration),
  });
  return { layers, notes: belonging ? [...notes, ...groupNotes(belonging)] : notes };
}

function misnamed({ fields }: Layer, field: Naming, reason: string): Field<never> {
  return { ok: false, text: fields[field]?.text ?? '', reason };
}
