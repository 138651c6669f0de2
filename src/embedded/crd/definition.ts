/** What the API makes of a CustomResourceDefinition: what it fills in, keeps and refuses. */
import { type FieldProblem, IMMUTABLE, invalidValue } from '../field.ts';
import { at, type JsonObject, listAt, objectAt, textAt, textsAt, withAt } from '../json.ts';
import type { Rules } from '../kind.ts';
import { timestamp } from '../metadata.ts';
import { withCondition } from './condition.ts';
import { definitionProblems } from './definition-problems.ts';
import { versionsOf } from './version.ts';
import { formatWarnings } from './warning.ts';

/** Keeps a definition until all that it defined is gone. */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

export const definitionRules: Rules = {
  defaults: fillDefinition,
  create(definition) {
    const storedVersions = versionsOf(definition)
      .filter(({ storage }) => storage)
      .map(({ name }) => name)
      .slice(0, 1);
    return { ...definition, status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions } };
  },
  update(definition) {
    const stored = textsAt(definition, 'status', 'storedVersions');
    const added = versionsOf(definition).filter(({ name, storage }) => storage && !stored.includes(name));
    if (added.length === 0) return definition;
    return withAt(definition, ['status', 'storedVersions'], [...stored, ...added.map(({ name }) => name)]);
  },
  updateStatus: (definition) => definition,
  problems: definitionProblems,
  warnings: formatWarnings,
  updateProblems: changeProblems,
  beforeDelete(definition, nowMs) {
    const finalizers = textsAt(definition, 'metadata', 'finalizers');
    if (at(definition, 'metadata', 'deletionTimestamp') !== undefined) return definition;
    const kept = finalizers.includes(CLEANUP) ? finalizers : [...finalizers, CLEANUP];
    return withCondition(withAt(definition, ['metadata', 'finalizers'], kept), {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
      lastTransitionTime: timestamp(nowMs),
    });
  },
};

function fillDefinition(definition: JsonObject): JsonObject {
  const names = objectAt(definition, 'spec', 'names');
  const kind = textAt(names, 'kind') ?? '';
  const singular = textAt(names, 'singular') || kind.toLowerCase();
  const listKind = textAt(names, 'listKind') || (kind === '' ? '' : `${kind}List`);
  const filled = withAt(definition, ['spec', 'names'], { ...names, singular, listKind });
  const strategy = textAt(definition, 'spec', 'conversion', 'strategy');
  if (strategy === undefined) return withAt(filled, ['spec', 'conversion', 'strategy'], 'None');
  const service = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
  const ported = at(filled, ...service) === undefined || at(filled, ...service, 'port') !== undefined;
  return ported ? filled : withAt(filled, [...service, 'port'], 443);
}

function changeProblems(definition: JsonObject, current: JsonObject): readonly FieldProblem[] {
  const established = listAt(current, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Established' && textAt(condition, 'status') === 'True',
  );
  const fixed = [
    ['spec', 'group'],
    ['spec', 'names', 'plural'],
    ...(established
      ? [
          ['spec', 'scope'],
          ['spec', 'names', 'kind'],
        ]
      : []),
  ];
  return fixed
    .filter((path) => at(definition, ...path) !== at(current, ...path))
    .map((path) => invalidValue(path.join('.'), at(definition, ...path) ?? null, IMMUTABLE));
}
