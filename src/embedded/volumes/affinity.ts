import type { PersistentVolume } from '../../kube/kinds.ts';
import { type LabelRequirement, matchesRequirements } from '../../kube/selector.ts';

const OPERATORS: readonly LabelRequirement['operator'][] = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

/**
 * Whether a volume can be used on a node with these labels: one of its terms must match in all its expressions. A volume
 * without an affinity can be used anywhere; a term without expressions, or with an unknown operator, matches nothing.
 */
export function admitsNode(volume: PersistentVolume, labels: Readonly<Record<string, string>>): boolean {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms;
  if (terms === undefined) return true;
  return terms.some(({ matchExpressions = [] }) => {
    const requirements = matchExpressions.flatMap(({ key, operator, values = [] }) => {
      const known = OPERATORS.find((candidate) => candidate === operator);
      return known === undefined ? [] : [{ key, operator: known, values }];
    });
    const readable = requirements.length === matchExpressions.length && requirements.length > 0;
    return readable && matchesRequirements(requirements, labels);
  });
}
