/** LimitRange: the least and the most that objects of a namespace may ask for (pkg/apis/core, read in 1.36). */
import { nanosOf } from '../../kube/quantity.ts';
import { duplicate, type FieldProblem, forbiddenField, invalidValue, required } from '../field.ts';
import { at, isObject, type Json, listAt, objectAt, textAt, withAt } from '../json.ts';
import type { Kind, Rules } from '../kind.ts';
import { row } from '../row.ts';

const limitRules: Rules = {
  defaults: (range) =>
    at(range, 'spec', 'limits') === undefined || at(range, 'spec', 'limits') === null
      ? range
      : withAt(range, ['spec', 'limits'], listAt(range, 'spec', 'limits').map(withDefaults)),
  problems: (range) => {
    const types = listAt(range, 'spec', 'limits').map((limit) => textAt(limit, 'type') ?? '');
    return listAt(range, 'spec', 'limits').flatMap((limit, index) => {
      const field = `spec.limits[${index}]`;
      const type = types[index] ?? '';
      const repeated = types.indexOf(type) < index ? [duplicate(`${field}.type`, type)] : [];
      return [...repeated, ...memberProblems(limit, type, field), ...sizeProblems(limit, field)];
    });
  },
};

/** A container's limit falls back to the most it may have, its request to its limit, then to the least. */
function withDefaults(limit: Json): Json {
  if (!isObject(limit) || textAt(limit, 'type') !== 'Container') return limit;
  const most = { ...objectAt(limit, 'max'), ...objectAt(limit, 'default') };
  const asked = { ...objectAt(limit, 'min'), ...most, ...objectAt(limit, 'defaultRequest') };
  return {
    ...limit,
    ...(Object.keys(most).length > 0 ? { default: most } : {}),
    ...(Object.keys(asked).length > 0 ? { defaultRequest: asked } : {}),
  };
}

function memberProblems(limit: Json, type: string, field: string): readonly FieldProblem[] {
  const text = "may not be specified when `type` is 'Pod'";
  const unfit = ['default', 'defaultRequest'].filter((name) => Object.keys(objectAt(limit, name)).length > 0);
  const forbidden = type === 'Pod' ? unfit.map((name) => forbiddenField(`${field}.${name}`, text)) : [];
  const unlimited =
    type === 'PersistentVolumeClaim' && ['min', 'max'].every((name) => at(limit, name, 'storage') === undefined);
  const why = 'either minimum or maximum storage value is required, but neither was provided';
  return [...forbidden, ...(unlimited ? [required(`${field}.limits`, why)] : [])];
}

interface Comparison {
  readonly low: Member;
  readonly high: Member;
  /** Whose field is blamed, and whose value is shown. */
  readonly blamed: Member;
  readonly shown: Member;
}

type Member = 'min' | 'max' | 'default' | 'defaultRequest';

const WORDS: Readonly<Record<Member, string>> = {
  min: 'min value',
  max: 'max value',
  default: 'default value',
  defaultRequest: 'default request value',
};

/** What must not be greater than what, in the order in which the server says it. */
const COMPARISONS: readonly Comparison[] = [
  { low: 'min', high: 'max', blamed: 'min', shown: 'min' },
  { low: 'min', high: 'defaultRequest', blamed: 'defaultRequest', shown: 'defaultRequest' },
  { low: 'defaultRequest', high: 'max', blamed: 'defaultRequest', shown: 'defaultRequest' },
  { low: 'defaultRequest', high: 'default', blamed: 'defaultRequest', shown: 'defaultRequest' },
  { low: 'min', high: 'default', blamed: 'default', shown: 'min' },
  { low: 'default', high: 'max', blamed: 'default', shown: 'max' },
];

function sizeProblems(limit: Json, field: string): readonly FieldProblem[] {
  const names = ['max', 'min', 'default', 'defaultRequest'].flatMap((member) => Object.keys(objectAt(limit, member)));
  return [...new Set(names)].flatMap((name) =>
    COMPARISONS.flatMap(({ low, high, blamed, shown }) => {
      const [least, most] = [textAt(limit, low, name), textAt(limit, high, name)];
      if (least === undefined || most === undefined || !isMore(least, most)) return [];
      const bound = low === 'defaultRequest' && high === 'default' ? 'default limit value' : WORDS[high];
      const text = `${WORDS[low]} ${least} is greater than ${bound} ${most}`;
      return [invalidValue(`${field}.${blamed}[${name}]`, textAt(limit, shown, name) ?? '', text)];
    }),
  );
}

function isMore(left: string, right: string): boolean {
  return (nanosOf(left) ?? 0n) > (nanosOf(right) ?? 0n);
}

export const limitRangeKinds: readonly Kind[] = [
  row('v1', 'limitranges', {
    putCreates: true,
    rules: limitRules,
    effect: 'limits claims, containers and pods, without ratios; fills in what containers do not ask for',
  }),
];
