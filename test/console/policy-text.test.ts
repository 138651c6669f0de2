/** The YAML and the form of a policy, in both directions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldGroups } from '../../console/policy/policy-fields.ts';
import { labelsIn, policyOfClaim } from '../../console/policy/policy-of-claim.ts';
import {
  fieldText,
  placeOf,
  readText,
  selectorLine,
  textOf,
  withField,
  withSelector,
  withSwitch,
} from '../../console/policy/policy-text.ts';
import { type Reach, reachText } from '../../console/policy/reach-text.ts';
import { templateSchema } from '../../src/expand/api/template.ts';
import { checkPolicy } from '../../src/expand/policy/policy-check.ts';

const TEXT = `# made on a Sunday
apiVersion: pvc-chonker.io/v1alpha1
kind: PVCPolicy
metadata:
  name: databases
  namespace: shop
spec:
  selector:
    matchLabels:
      workload: database # all of them
  template:
    threshold: 85%
`;
const objectOf = (text: string) => {
  const read = readText(text);
  assert.ok(read.kind === 'read', JSON.stringify(read));
  return read.object;
};
const at = (key: string): readonly string[] => ['spec', 'template', key];

test('the form has every setting of the definition, each once', () => {
  const shown = fieldGroups.flatMap(({ fields }) => fields.map(({ path }) => path.slice(2).join('.')));
  const { providerConfig: _, enabled: __, minIncrease: ___, ...rest } = templateSchema.shape;
  const wanted = [...Object.keys(rest), 'providerConfig.volumeType', 'providerConfig.iops'];
  assert.deepEqual(shown.toSorted(), wanted.toSorted());
});

test('a field that is typed stands in the YAML, and everything else stays as it was written', () => {
  const changed = withField(TEXT, at('maxSize'), '500Gi');
  assert.match(changed, /^# made on a Sunday\n/);
  assert.match(changed, /workload: database # all of them\n/);
  assert.match(changed, /threshold: 85%\n {4}maxSize: 500Gi\n$/);
  assert.equal(fieldText(objectOf(changed), at('maxSize')), '500Gi');
  assert.equal(withField(changed, at('maxSize'), ' '), TEXT);
});

test('what is typed means the same in the object: texts stay texts, numbers that count are numbers', () => {
  const changed = withField(withField(TEXT, at('threshold'), '85'), ['spec', 'priority'], '-10');
  assert.match(changed, /threshold: "85"/);
  assert.match(changed, /priority: -10/);
  assert.deepEqual(checkPolicy(objectOf(changed)), []);
  assert.match(checkPolicy(objectOf(withField(TEXT, ['spec', 'priority'], 'high')))[0]?.reason ?? '', /whole number/);
  const iops = withField(TEXT, [...at('providerConfig'), 'iops'], '3000');
  assert.deepEqual(checkPolicy(objectOf(iops)), []);
  assert.deepEqual(checkPolicy(objectOf(withSwitch(TEXT, at('enabled'), false))), []);
});

test('where the YAML has nothing or something else on the way, the field is put there all the same', () => {
  for (const text of ['', 'kind: PVCPolicy\n', 'spec:\n', 'spec:\n  template:\n', 'spec:\n  template: none\n']) {
    assert.equal(fieldText(objectOf(withField(text, at('threshold'), '70%')), at('threshold')), '70%', text);
  }
});

test('a selector is one line in the form and an object in the YAML', () => {
  assert.equal(selectorLine(objectOf(TEXT)), 'workload=database');
  const changed = withSelector(TEXT, 'workload in (database, queue), !legacy') ?? '';
  assert.match(changed, /matchExpressions:\n {6}- key: workload\n {8}operator: In\n/);
  assert.equal(selectorLine(objectOf(changed)), 'workload in (database, queue), !legacy');
  assert.match(withSelector(TEXT, '') ?? '', /selector: \{\}/);
  assert.match(withSelector(TEXT, 'workload=') ?? '', /workload: ""/);
  assert.equal(withSelector(TEXT, 'a b'), undefined);
  assert.equal(selectorLine(objectOf('spec:\n  selector: all\n')), undefined);
});

test('YAML that is broken says where, and nothing is written into it', () => {
  const broken = `${TEXT}  template: [\n`;
  const read = readText(broken);
  assert.ok(read.kind === 'broken');
  assert.deepEqual([read.line, read.message.length > 0], [13, true]);
  assert.equal(withField(broken, at('threshold'), '1%'), broken);
  assert.equal(readText('just words').kind, 'broken');
  assert.equal(readText('a: &a [*a, *a]\n').kind, 'broken');
});

test('a field is found in the text; one that is missing, where it would be', () => {
  assert.equal(placeOf(TEXT, 'spec.template.threshold').line, 12);
  assert.equal(TEXT.slice(placeOf(TEXT, 'spec.template.threshold').offset).startsWith('85%'), true);
  assert.equal(placeOf(TEXT, 'spec.template.cooldown').line, 12);
  assert.equal(placeOf(TEXT, 'nowhere').line, 1);
});

test('an object and its text say the same', () => {
  const object = objectOf(TEXT);
  assert.deepEqual(objectOf(textOf(object)), object);
});

test('a policy of a claim says what the claim says itself, for claims with its labels', () => {
  const settings = {
    threshold: { value: 0.75, source: 'annotation', overruled: [] },
    'max-size': { value: String(500n * 1024n ** 3n), source: 'annotation', overruled: [] },
    'full-within': { value: 86_400_000, source: 'annotation', overruled: [] },
    increase: { value: { kind: 'percentage', ratio: 0.2 }, source: 'annotation', overruled: [] },
    cooldown: { value: 900_000, source: 'namespace shop', overruled: [] },
    group: { value: 'all', source: 'annotation', overruled: [] },
  };
  const labels = labelsIn('metadata:\n  labels:\n    workload: web\n    tier: "1"\n');
  const object = objectOf(policyOfClaim({ namespace: 'shop', settings, labels }));
  assert.deepEqual(object['spec'], {
    selector: { matchLabels: { workload: 'web', tier: '1' } },
    template: { threshold: '75%', maxSize: '500Gi', expandWhenFullWithin: '1d', increase: '20%' },
  });
  assert.deepEqual(
    checkPolicy(object).map(({ field }) => field),
    ['metadata.name'],
  );
  const unread = objectOf(policyOfClaim({ namespace: 'shop', settings, labels: undefined }));
  assert.deepEqual(
    checkPolicy(unread).map(({ field }) => field),
    ['metadata.name', 'spec.selector'],
    'not for all by a slip',
  );
});

test('each setting that a claim may have is a field of the definition by the same meaning', () => {
  const keys = ['threshold', 'inodes-threshold', 'increase', 'min-scale-up', 'max-step', 'max-size', 'cooldown'];
  const more = ['full-within', 'initial-size', 'window', 'approval-above', 'snapshot-above', 'provider'];
  const settings = Object.fromEntries(
    [...keys, ...more].map((key) => [key, { value: 'x', source: 'annotation', overruled: [] }]),
  );
  const { spec } = objectOf(policyOfClaim({ namespace: 'shop', settings, labels: { a: 'b' } }));
  const template: unknown = Object.values(Object(spec)).at(-1);
  const written = Object.keys(Object(template));
  assert.equal(written.length, keys.length + more.length);
  const known = Object.keys(templateSchema.shape);
  assert.deepEqual(
    written.filter((member) => !known.includes(member)),
    [],
  );
});

test('for how many claims a policy is reads as one would say it', () => {
  const reach = (matched: number, claims: number, joining = 0, leaving = 0): Reach => ({
    ...{ matched, claims, joining, leaving },
  });
  const vectors: readonly (readonly [Reach, string])[] = [
    [reach(0, 0), 'There is no claim in shop.'],
    [reach(0, 1), 'It is not for the only claim of shop.'],
    [reach(1, 1), 'It is for the only claim of shop.'],
    [reach(1, 1, 1), 'It is for the only claim of shop, which joins.'],
    [reach(0, 1, 0, 1), 'It is not for the only claim of shop, which leaves.'],
    [reach(1, 3, 1), 'It is for 1 of 3 claims of shop: 1 joins.'],
    [reach(2, 3, 2, 1), 'It is for 2 of 3 claims of shop: 2 join, 1 leaves.'],
    [reach(3, 3), 'It is for all 3 claims of shop.'],
    [reach(3, 3, 3), 'It is for all 3 claims of shop: all join.'],
    [reach(0, 3, 0, 3), 'It is for none of the 3 claims of shop: all leave.'],
  ];
  for (const [given, text] of vectors) assert.equal(reachText(given, 'shop'), text);
});
