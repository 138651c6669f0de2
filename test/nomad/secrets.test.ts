import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { conceal } from '../../src/nomad/report/conceal.ts';
import { credentialsIn, isCredential } from '../../src/nomad/translate/secret/credential.ts';
import { at, container, entry, fixture } from './fixture.ts';
import { accountsOf, translated } from './translated.ts';

test('credentials of a job are in no manifest and in no account', () => {
  const found = fixture('secret-literal');
  const written =
    JSON.stringify([...found.manifests]) + JSON.stringify(found.accounts) + JSON.stringify(found.questions);
  const source = readFileSync('test/fixtures/nomad/jobs/secret-literal/jobspec.nomad.hcl', 'utf8');
  const planted = [...source.matchAll(/planted-[\w-]+/g)].map(([each]) => each);
  assert.ok(planted.length >= 6, `${planted.length} planted`);
  for (const each of planted) assert.ok(!written.includes(each), each);
  assert.match(JSON.stringify(found.manifests.get('externalsecret.yaml')), /secret\/leaky/);
  assert.ok(accountsOf(found, 'env.DB_PASSWORD').some(({ todo }) => todo?.includes('DB_PASSWORD in Vault')));
  const shown = conceal(source, ['planted-sensitive-3091']);
  for (const each of planted) assert.ok(!shown.includes(each), `${each} in a report`);
});

test('an application still gets what it asks for', () => {
  const leaky = container(fixture('secret-literal'), 'leaky');
  assert.deepEqual(at(leaky, 'args'), [
    '--verbose',
    '--api-token=$(API_TOKEN)',
    '--password',
    '$(PASSWORD)',
    '--room',
    '$(ROOM)',
  ]);
  for (const name of ['API_TOKEN', 'PASSWORD', 'ROOM', 'DB_PASSWORD', 'API_SECRET']) {
    const found = entry(at(leaky, 'env'), 'name', name);
    assert.equal(at(found, 'valueFrom', 'secretKeyRef', 'name'), 'leaky-secrets', name);
  }
  assert.equal(at(entry(at(leaky, 'env'), 'name', 'LOG_LEVEL'), 'value'), 'info');
  assert.equal(at(entry(at(leaky, 'env'), 'name', 'TOKEN_FILE'), 'value'), '/secrets/token');
});

test('a password in an address hides the address', () => {
  const word = 'planted-word';
  const found = translated(`job "a" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image = "example.org/t:1"
        }
        env {
          PLACE = "amqp://user:${word}@mq.example.org:5672/"
        }
      }
    }
  }`);
  assert.ok(!JSON.stringify([...found.manifests]).includes(word));
  assert.ok(at(entry(at(container(found, 't'), 'env'), 'name', 'PLACE'), 'valueFrom', 'secretKeyRef'));
});

test('what a credential is, by its name, its form and its place', () => {
  const yes: readonly (readonly [string, string])[] = [
    ['PASSWORD', 'hunter2'],
    ['MYSQL_ROOT_PASSWORD', '12345678'],
    ['ApiKey', 'abcdef'],
    ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI'],
    ['SECRET_KEY_BASE', 'x9y8'],
    ['clientSecret', 'abc'],
    ['anything', `gh${'p'}_${'a1'.repeat(18)}`],
  ];
  const no: readonly (readonly [string, string])[] = [
    ['PASSWORD', ''],
    ['PASSWORD_FILE', '/run/secrets/db'],
    ['TOKEN_TTL', '24h'],
    ['SECRET_NAME', 'web-tls'],
    ['KEYCLOAK_URL', 'https://sso.example.org'],
    ['DB_PASSWORD', '${DB_PASS}'],
    ['DB_PASSWORD', '$(DB_PASS)'],
    ['MONKEY', 'banana'],
    ['KEYBOARD', 'de'],
    ['REQUIRE_PASSWORD', 'true'],
    ['PATH', '/usr/bin'],
  ];
  for (const [name, value] of yes) assert.ok(isCredential(name, value), `${name}=${value}`);
  for (const [name, value] of no) assert.ok(!isCredential(name, value), `${name}=${value}`);
});

test('a credential in the text of a file is found where it stands', () => {
  const text = 'user: ann\npassword: "s3cr3t word"\n--api-key=abcd1234\n{"token": "qwertz"}\nport: 80\n';
  assert.deepEqual(
    credentialsIn(text).map(({ start, end }) => text.slice(start, end)),
    ['s3cr3t word', 'abcd1234', 'qwertz'],
  );
});

test('a private key is found whole, and a report keeps its lines', () => {
  const kind = 'PRIVATE KEY';
  const text = `a: 1\nkey: |\n  -----BEGIN ${kind}-----\n  planted0\n  planted1\n  -----END ${kind}-----\nb: 2\n`;
  const [found] = credentialsIn(text);
  assert.equal(text.slice(found?.start, found?.end).split('\n').length, 4);
  const shown = conceal(text);
  assert.ok(!shown.includes('planted'));
  assert.equal(shown.split('\n').length, text.split('\n').length);
});

test('a planted password never reaches a manifest', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9]{12,20}$/);
  const name = fc.constantFrom('DB_PASSWORD', 'api_token', 'clientSecret', 'SMTP_PASS', 'private_key');
  const place = fc.constantFrom('env', 'args', 'file', 'variables');
  fc.assert(
    fc.property(word, name, place, (secret, key, where) => {
      const planted = `Zq${secret}`;
      const parts = {
        env: `env {\n ${key} = "${planted}"\n }`,
        args: '',
        file: `template {\n destination = "local/f.conf"\n data = "${key}: ${planted}\\n"\n }`,
        variables: `template {\n destination = "local/f.env"\n env = true\n data = "${key}='${planted}'\\n"\n }`,
      };
      const args = where === 'args' ? `args = ["--${key}=${planted}"]` : '';
      const found = translated(
        `job "p" {\n group "g" {\n task "t" {\n driver = "docker"\n config {\n image = "example.org/t:1"\n ${args}\n }\n ${parts[where]}\n }\n }\n }`,
      );
      const all = JSON.stringify([...found.manifests]) + JSON.stringify(found.accounts);
      assert.ok(!all.includes(planted), `${key} in ${where}`);
      assert.ok(all.includes('secretKeyRef') || all.includes('remoteRef'), `${key} in ${where} is lost`);
    }),
    { numRuns: 60 },
  );
});

test('secret blocks and what names them', () => {
  const found = fixture('secret-block');
  const vaulted = container(found, 'vaulted');
  assert.deepEqual(at(vaulted, 'args'), ['--user', '$(SECRET_db_user)']);
  assert.equal(at(entry(at(vaulted, 'env'), 'name', 'DB_LOGIN'), 'value'), '$(SECRET_db_user):$(SECRET_db_pass)');
  const data = at(found.manifests.get('externalsecret.yaml'), 'spec', 'data');
  assert.deepEqual(at(entry(data, 'secretKey', 'user'), 'remoteRef'), { key: 'kv/vaulted/db', property: 'user' });
  assert.deepEqual(at(entry(data, 'secretKey', 'name'), 'remoteRef'), { key: 'nomad/jobs/vaulted', property: 'name' });
  assert.equal(accountsOf(found, 'secret.odd.provider')[0]?.class, 'manual');
});

test('a token that only Nomad makes is a task for a person', () => {
  const found = fixture('vault-token');
  const used = found.accounts.filter(({ row }) => row === 'vault.used');
  assert.ok(used.length > 0 && used.every((each) => each.class === 'manual' && each.todo !== undefined));
});
