/** What is wrong with a PVCPolicy or a PVCGroup beyond what its definition can say, and what is merely odd. Pure. */
import type { AdmissionCause } from '../kube/admission-review.ts';
import { isObject } from '../kube/reader.ts';
import { type PVCGroup, pvcGroups } from './api/pvc-group.ts';
import { type PVCPolicy, pvcPolicies } from './api/pvc-policy.ts';
import type { Template } from './api/template.ts';
import { problemsOf } from './policy/policies.ts';
import { readableBytes } from './readable.ts';
import type { Field } from './settings/settings.ts';

export interface Verdict {
  readonly causes: readonly AdmissionCause[];
  readonly warnings: readonly string[];
}

/** `names`: the providers that there are. */
export function validatePolicy(raw: unknown, names: readonly string[]): Verdict {
  const policy: PVCPolicy = pvcPolicies.project(nameless(raw));
  const { template } = policy.spec;
  const problems = problemsOf(policy).map(({ field, value, reason }) => cause(field, value, reason));
  return { causes: [...problems, ...providerProblems(template, names)], warnings: warningsOn(template) };
}

/** As `validatePolicy`. */
export function validateGroup(raw: unknown, names: readonly string[]): Verdict {
  const group: PVCGroup = pvcGroups.project(nameless(raw));
  const { coordinationPolicy, members, selector, template } = group.spec;
  const spec = isObject(raw) && isObject(raw['spec']) ? raw['spec'] : {};
  const own = [
    ['coordinationPolicy', coordinationPolicy],
    ['members', members],
    ['selector', selector],
  ] as const;
  const causes = own.flatMap(([member, parsed]) =>
    !parsed || parsed.ok ? [] : [cause(`spec.${member}`, textOf(spec[member]), parsed.reason)],
  );
  const fields = Object.values(template.fields).flatMap((field: Field<unknown> | undefined) =>
    !field || field.ok ? [] : [cause(field.key ?? '', field.text, field.reason)],
  );
  return {
    causes: [...causes, ...fields, ...providerProblems(template, names)],
    warnings: warningsOn(template),
  };
}

/** What was wrong before and is still is not refused again: an object must stay changeable in its other parts. */
export function fresh({ causes, warnings }: Verdict, before: Verdict): Verdict {
  const known = new Set(before.causes.map(({ field, message }) => `${field} ${message}`));
  return { causes: causes.filter(({ field, message }) => !known.has(`${field} ${message}`)), warnings };
}

function providerProblems({ fields: { provider } }: Template, names: readonly string[]): readonly AdmissionCause[] {
  if (!provider?.ok || names.length === 0 || names.includes(provider.value)) return [];
  return [cause(provider.key ?? 'spec.template.provider', provider.text, `must be one of ${names.join(', ')}`)];
}

function warningsOn({ fields, iops }: Template): readonly string[] {
  const { initialSize, maxSize } = fields;
  const warnings: string[] = [];
  if (initialSize?.ok && maxSize?.ok && maxSize.value !== 'unlimited' && initialSize.value > maxSize.value) {
    const [least, most] = [readableBytes(initialSize.value), readableBytes(maxSize.value)];
    warnings.push(`spec.template.initialSize ${least} is more than maxSize ${most}: new claims get ${most}`);
  }
  if (iops !== undefined) {
    warnings.push(
      'spec.template.providerConfig.iops is advice: Larder changes no IOPS, a VolumeAttributesClass does that',
    );
  }
  return warnings;
}

function cause(field: string, value: string, reason: string): AdmissionCause {
  return { field, message: value === '' ? reason : `"${value}" ${reason}` };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** An object that asks for a name to be made has none yet. */
function nameless(raw: unknown): unknown {
  const object = isObject(raw) ? raw : {};
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata: { ...metadata, name: metadata['name'] ?? metadata['generateName'] ?? '' } };
}
