/** What an API server accepts is what Larder can read, in both directions: the rules in CEL against the reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEmbedded } from '../../embedded/cluster.ts';
import { createClient } from '../../kube/client.ts';
import { bytesOf } from '../../kube/quantity.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { defineKinds, putPolicy } from '../policy/policies.fixture.ts';
import { parseDuration } from '../settings/settings.ts';
import { type Member, near, spelledAlike } from './spelling.fixture.ts';
import { readTemplate, templateSchema } from './template.ts';

const embedded = await createEmbedded({ clock: systemClock, random: systemRandom });
const client = createClient({ transport: embedded.transport, clock: systemClock, random: systemRandom });
await defineKinds(client);

/** Undefined: accepted. */
async function refusal(template: object): Promise<string | undefined> {
  try {
    await putPolicy(client, 'tried', { selector: {}, template });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function unreadable(template: object): readonly string[] {
  return Object.values(readTemplate(template).fields).flatMap((field) => (field && !field.ok ? [field.key ?? ''] : []));
}

for (const [members, good, bad] of spelledAlike) {
  for (const member of members) {
    test(`${member}: what is readable is accepted, the rest refused with the accepted form`, async () => {
      for (const value of good) {
        const template = { [member]: value };
        assert.deepEqual(unreadable(template), [], JSON.stringify(value));
        assert.equal(await refusal(template), undefined, JSON.stringify(value));
      }
      for (const value of bad) {
        const template = { [member]: value };
        assert.deepEqual(unreadable(template), [`spec.template.${member}`], JSON.stringify(value));
        const said = (await refusal(template)) ?? 'accepted';
        assert.match(said, new RegExp(`spec\\.template\\.${member}: .*must be`), JSON.stringify(value));
      }
    });
  }
}

test('on texts near the accepted ones the API server and Larder agree', async () => {
  let accepted = 0;
  const members: readonly Member[] = ['threshold', 'increase', 'maxSize', 'cooldown', 'provider'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...members), near, async (member, text) => {
      const template = { [member]: text };
      const said = await refusal(template);
      accepted += said === undefined ? 1 : 0;
      if ((bytesOf(text) ?? 0n) >= 2n ** 63n || isTooLong(text)) return; // the two differences, below
      assert.equal(said === undefined, unreadable(template).length === 0, `${member}: ${text}: ${said}`);
    }),
    { numRuns: 500 },
  );
  assert.ok(accepted > 20, `only ${accepted} of 500 were accepted`);
});

/** Longer than a century. */
function isTooLong(text: string): boolean {
  const duration = parseDuration(text);
  return !duration.ok && duration.reason.includes('at most 100 years');
}

test('a size beyond what the API can store and a duration beyond a century are what only Larder refuses', async () => {
  assert.equal(await refusal({ cooldown: '36501d' }), undefined);
  assert.deepEqual(unreadable({ cooldown: '36501d' }), ['spec.template.cooldown']);
  assert.deepEqual(unreadable({ cooldown: '36500d' }), []);
  assert.equal(await refusal({ maxSize: '10E' }), undefined);
  assert.deepEqual(unreadable({ maxSize: '10E' }), ['spec.template.maxSize']);
  assert.deepEqual(unreadable({ maxSize: '9E' }), []);
});

test('the two names of one setting must say the same', async () => {
  assert.equal(await refusal({ minScaleUp: '2Gi', minIncrease: '2Gi' }), undefined);
  assert.match(
    (await refusal({ minScaleUp: '2Gi', minIncrease: '3Gi' })) ?? '',
    /minIncrease is another name of minScaleUp/,
  );
  const { minScaleUp } = readTemplate({ minScaleUp: '2Gi', minIncrease: '3Gi' }).fields;
  assert.deepEqual(minScaleUp, {
    ok: false,
    text: '3Gi',
    key: 'spec.template.minIncrease',
    reason: 'is another name of minScaleUp, which is "2Gi": write one of them, or the same in both',
  });
  assert.equal(readTemplate({ minScaleUp: '1024Mi', minIncrease: '1Gi' }).fields.minScaleUp?.ok, true);
  assert.equal(readTemplate({ minIncrease: '1Gi' }).fields.minScaleUp?.key, 'spec.template.minIncrease');
});

test('nothing but the defaults: growth is on', () => {
  for (const raw of [undefined, null, {}, { enabled: true }]) {
    const { enabled } = readTemplate(raw).fields;
    assert.deepEqual(enabled, { ok: true, value: true, text: 'true', key: 'spec.template.enabled' });
  }
  assert.deepEqual(unreadable({ enabled: 'true' }), ['spec.template.enabled']);
});

test('whatever stands in a template, reading it throws nothing, and one wrong member spoils itself alone', () => {
  fc.assert(
    fc.property(fc.anything(), (raw) => void readTemplate(raw)),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.anything({ maxDepth: 2 }), (raw) => {
      const { fields } = readTemplate({ threshold: raw, maxSize: '5Gi', providerConfig: raw });
      assert.equal(fields.maxSize?.ok, true);
    }),
    { numRuns: 200 },
  );
});

test('every member of the schema is read', () => {
  const samples = {
    threshold: 7,
    inodesThreshold: 7,
    increase: '7Gi',
    provider: 'seven',
    cooldown: '7h',
    expandWhenFullWithin: '7h',
    window: '7:00-17:00',
    snapshotAbove: '7%',
  };
  for (const member of Object.keys(templateSchema.shape)) {
    if (member === 'enabled' || member === 'providerConfig') continue;
    const value = Object.entries(samples).find(([name]) => name === member)?.[1] ?? '7Gi';
    const found = Object.values(readTemplate({ [member]: value }).fields).filter(
      (field) => field?.text === String(value),
    );
    assert.equal(found.length, 1, member);
  }
  assert.equal(readTemplate({ providerConfig: { volumeType: 'gp3', iops: 3000 } }).iops, 3000);
});
