/** A policy that says what a claim says itself, so that others can have the same. Pure. */
import type { Written } from '../../src/operator/policies/policy-api.ts';
import type { Explained } from '../volume/explained.ts';
import { settingText } from '../volume/setting-text.ts';
import { fieldText, readText, textOf } from './policy-text.ts';

/** Of each annotation without its prefix, the field of a policy that says the same. */
const members: Readonly<Record<string, string>> = {
  threshold: 'threshold',
  'inodes-threshold': 'inodesThreshold',
  increase: 'increase',
  'min-scale-up': 'minScaleUp',
  'max-step': 'maxStep',
  'max-size': 'maxSize',
  cooldown: 'cooldown',
  'full-within': 'expandWhenFullWithin',
  'initial-size': 'initialSize',
  window: 'window',
  'approval-above': 'approvalAbove',
  'snapshot-above': 'snapshotAbove',
  provider: 'provider',
};

const OWN = 'annotation';

interface ClaimSaying {
  readonly namespace: string;
  readonly settings: Explained['settings'];
  /** Of the claim; undefined: they may not be read. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** Without labels its selector is left out, so that it is not made for all claims by a slip. */
export function policyOfClaim({ namespace, settings, labels = {} }: ClaimSaying): string {
  const own = Object.entries(settings).flatMap(([key, { source, value }]): readonly (readonly [string, string])[] => {
    const member = Object.hasOwn(members, key) ? members[key] : undefined;
    const text = settingText(key, value);
    return member === undefined || source !== OWN || text === '' || text === 'unlimited' ? [] : [[member, text]];
  });
  const selector = Object.keys(labels).length === 0 ? {} : { selector: { matchLabels: labels } };
  return textOf({
    apiVersion: 'pvc-chonker.io/v1alpha1',
    kind: 'PVCPolicy',
    metadata: { name: null, namespace },
    spec: { ...selector, template: Object.fromEntries(own) },
  }).replace('name: null', 'name:');
}

/** From the YAML of the claim. */
export function labelsIn(yaml: string): Readonly<Record<string, string>> {
  const read = readText(yaml);
  if (read.kind === 'broken') return {};
  const metadata = read.object['metadata'];
  const labels = isObject(metadata) ? metadata['labels'] : undefined;
  if (!isObject(labels)) return {};
  return Object.fromEntries(Object.keys(labels).map((key) => [key, fieldText(labels, [key])]));
}

function isObject(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
