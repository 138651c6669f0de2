/** What a report tells excuses what it tells of, and nothing beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf, type Changes, changed, jobOf, nightly, subjectWith, web } from './check.fixture.ts';
import { findingsOf } from './findings.ts';
import type { WrittenAccount } from './written-report.ts';

const TASK = 'job.web.group.web.task.web';

function errors({ jobs = [web, nightly], ...changes }: Changes): readonly string[] {
  return findingsOf(subjectWith({ jobs, ...changes }))
    .filter(({ severity }) => severity === 'error')
    .map(({ check, message }) => `${check} ${message}`);
}

/** Accounts of which some say more, or are not there at all. */
function told(changes: Readonly<Record<string, Partial<WrittenAccount> | 'none'>>): readonly WrittenAccount[] {
  return accountsOf([web, nightly]).flatMap((account) => {
    const change = changes[account.path];
    return change === 'none' ? [] : [{ ...account, ...change }];
  });
}

test('of a block, what has no account of its own', () => {
  const files = changed('deployment.yaml', 'value: production', 'value: staging');
  const block = { [TASK]: { class: 'manual' } } as const;
  assert.deepEqual(errors({ files, accounts: told(block) }).length, 1, 'the line itself is said to be the same');
  const alone = errors({ files, accounts: told({ ...block, [`${TASK}.env.MODE`]: 'none' }) });
  assert.deepEqual(
    alone.filter((each) => each.startsWith('C2')),
    [],
  );
});

test('of a variable that is approximate, its value and not its absence', () => {
  const accounts = told({ [`${TASK}.env.MODE`]: { class: 'approximate', text: 'another word' } });
  assert.deepEqual(errors({ files: changed('deployment.yaml', 'value: production', 'value: other'), accounts }), []);
  const absent = changed('deployment.yaml', /.*name: MODE.*\n/, '');
  assert.match(errors({ files: absent, accounts }).join(), /lacks the variable MODE/);
});

test('of a template, the keys and names that its account names', () => {
  const data = `${TASK}.template.data`;
  const files = changed('externalsecret.yaml', 'property: DATABASE_URL', 'property: DB_URL');
  const keys = (text: string): readonly string[] =>
    errors({ files, accounts: told({ [data]: { class: 'approximate', text } }) }).filter((each) => /^C3/.test(each));
  assert.equal(keys('the secret is read by External Secrets').length, 1);
  assert.equal(keys('MY_DATABASE_URL_2 is copied').length, 1, 'a longer name is another one');
  assert.deepEqual(keys('DATABASE_URL is copied by hand'), []);
});

test('of a schedule, the field that it tells of', () => {
  const files = changed('cronjob.yaml', 'Forbid', 'Allow');
  const about = (path: string): readonly string[] =>
    errors({ files, accounts: told({ [path]: { class: 'approximate', text: 'a little later' } }) });
  assert.match(about('job.nightly.periodic.cron').join(), /C14 concurrencyPolicy/);
  assert.deepEqual(about('job.nightly.periodic.prohibit_overlap'), []);
});

test('of a constraint, its loss and not its form', () => {
  const files = changed('deployment.yaml', /.*nodeSelector.*\n/, '');
  const path = 'job.web.group.web.constraint.value';
  assert.match(errors({ files, accounts: told({ [path]: { class: 'approximate' } }) }).join(), /C10/);
  assert.deepEqual(errors({ files, accounts: told({ [path]: { class: 'manual' } }) }), []);
});

test('of the routers of a service, the one that it names', () => {
  const files = changed('ingressroute.yaml', 'PathPrefix(`/app`)', 'PathPrefix(`/`)');
  const about = (text: string): readonly string[] =>
    errors({ files, accounts: told({ 'job.web.group.web.service.tags': { class: 'manual', text } }) });
  assert.match(about('the router website has no rule').join(), /C11 no route has the rule/);
  assert.deepEqual(about('the router web has no rule'), []);
});

test('of a name of Consul, the job that it is told of', () => {
  const files = changed('configmap.yaml', /\n$/, '\n  upstream: http://db.virtual.consul:5432\n');
  const about = (path: string, kind: WrittenAccount['class']): readonly string[] =>
    errors({ files, accounts: told({ [path]: { class: kind, text: 'db.virtual.consul stays' } }) });
  assert.match(about('job.nightly.group.nightly.task.run.driver', 'manual').join(), /C12/);
  assert.deepEqual(about(`${TASK}.driver`, 'approximate'), []);
});

test('of a list of mounts, the entry that it names', () => {
  const config = { image: 'example/box:1', volumes: ['/srv/a:/a', '/srv/ab:/ab'] };
  const box = jobOf('box', { group: { box: { task: { box: { driver: 'docker', config } } } } });
  const yaml = `apiVersion: apps/v1
kind: Deployment
metadata: { name: box, labels: { app: box } }
spec:
  selector: { matchLabels: { app: box } }
  template:
    metadata: { labels: { app: box } }
    spec:
      containers:
        - name: box
          image: example/box:1
          resources: { requests: { cpu: 1m, memory: 300Mi }, limits: { cpu: 1m, memory: 300Mi } }
`;
  const files = { 'modules-k8s/box/manifests/deployment.yaml': yaml };
  const mounts = (text: string): readonly string[] => {
    const list = box.items.find(({ path }) => path.endsWith('.volumes'));
    const own = accountsOf([box]).filter(({ path }) => path !== list?.path);
    const entry = (line: number, more: Partial<WrittenAccount>): WrittenAccount => {
      const path = list?.path ?? '';
      return { file: list?.at.file ?? '', line, path, row: 'test.row', class: 'direct', text: '', ...more };
    };
    // both entries stand on one line, as people write short lists
    const lines = [...Array(60).keys()].flatMap((line) => [entry(line, {}), entry(line, { class: 'manual', text })]);
    const found = errors({ jobs: [box], files, accounts: [...own, ...lines] });
    return found.flatMap((each) => (/^C6 .* at (\S+)/.exec(each) ?? [])[1] ?? []);
  };
  assert.deepEqual(mounts('not written'), ['/a', '/ab']);
  assert.deepEqual(mounts('/srv/a is a socket of the node'), ['/ab']);
});
