import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64, hex, password, planted, run } from './planted.fixture.ts';
import { maskText, scanBytes, scanData, scanText } from './scan.ts';
import { tokenFormats } from './token-format.ts';

for (const [what, [text, secret]] of Object.entries(planted)) {
  test(`found and masked: ${what}`, () => {
    const findings = scanText('notes', text);
    assert.ok(findings.length > 0, text);
    assert.ok(!JSON.stringify(findings).includes(secret), `the finding says it: ${JSON.stringify(findings)}`);
    assert.ok(!maskText(text).includes(secret), maskText(text));
    assert.ok(maskText(text).includes('***'));
  });
}

const certificate = `-----BEGIN CERTIFICATE-----\n${run(64)}\n${run(64)}\n-----END CERTIFICATE-----\n`;

/** What records, diffs and logs really hold. */
const harmless: Readonly<Record<string, string>> = {
  'hashes and commits': `sha256 ${hex(64)}\ncommit ${hex(40)}\nimage: nginx@sha256:${hex(64)}\nchecksum/secret: ${hex(64)}`,
  'an object of Kubernetes': `metadata:\n  annotations:\n    deployment.kubernetes.io/revision: "3"\n  generation: 4\n  name: web-7d9f8b6c5d-x2x4z\n  resourceVersion: "183029"\n  uid: 9b2f7c1e-03d4-4a8b-9c55-0e1f2a3b4c5d`,
  'a masked Secret': `diff -u -N /tmp/LIVE-1/v1.Secret.default.db /tmp/MERGED-2/v1.Secret.default.db\n--- /tmp/LIVE-1/v1.Secret.default.db\n+++ /tmp/MERGED-2/v1.Secret.default.db\n@@ -1,8 +1,8 @@\n apiVersion: v1\n data:\n-  password: '*** (before)'\n+  password: '*** (after)'\n+  token: '***'\n kind: Secret\n metadata:\n   creationTimestamp: "2026-03-01T10:00:00Z"\n   name: db\n   uid: 9b2f7c1e-03d4-4a8b-9c55-0e1f2a3b4c5d\n type: Opaque`,
  'a Secret masked by helm': `default, db, Secret (v1) has changed:\n- data:\n-   password: '-------- # (8 bytes)'\n+   password: '++++++++ # (9 bytes)'\n    user: 'REDACTED # (4 bytes)'`,
  'a Secret encrypted by SOPS': `apiVersion: v1\nkind: Secret\nstringData:\n    password: ENC[AES256_GCM,data:${run(20)},iv:${run(12)},tag:${run(12)},type:str]\nsops:\n    age:\n        - recipient: age1${'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.repeat(2).slice(0, 58)}\n          enc: |\n            -----BEGIN AGE ENCRYPTED FILE-----\n            ${run(64)}\n            -----END AGE ENCRYPTED FILE-----\n    mac: ENC[AES256_GCM,data:${run(40)},type:str]`,
  'an ExternalSecret': `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  data:\n  - secretKey: password\n    remoteRef:\n      key: prod/db\n      property: password\n  target:\n    name: db\n`,
  'a SealedSecret': `kind: SealedSecret\nspec:\n  encryptedData:\n    color: Ag${run(200)}\n`,
  'references to Secrets': `env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password\n      name: db-credentials\nvolumes:\n- name: tls\n  secret:\n    defaultMode: 420\n    secretName: web-tls-7d9f8b6c5d\nimagePullSecrets:\n- name: regcred\nautomountServiceAccountToken: false\nexistingSecret: grafana-admin\nadmin:\n  passwordKey: admin-password\npasswordFile: /run/secrets/db/password`,
  'a ConfigMap beside Secrets': `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  data:\n    color: red\n  kind: ConfigMap\n- apiVersion: v1\n  data:\n    color: '***'\n  kind: Secret\n`,
  'a ConfigMap that was applied': `      {"apiVersion":"v1","data":{"color":"red"},"kind":"ConfigMap"}`,
  certificates: `${certificate}caBundle: ${base64(certificate)}\ncertificate-authority-data: ${base64(certificate)}\nclient-certificate-data: ${base64(certificate)}`,
  'public keys and signatures': `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${run(43)}\nage1${'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.repeat(2).slice(0, 58)}\n-----BEGIN SSH SIGNATURE-----\n${run(70)}\n-----END SSH SIGNATURE-----`,
  'places of secrets in templates': `password: {{ .Values.db.password }}\ntoken: \${K3S_TOKEN}\npassword: "$(cat file)"\nPASSWORD=$DB_PASSWORD\npassword: op://vault/db/password\npassword: <your password>`,
  'a kubeconfig as kubectl shows it': `users:\n- name: admin\n  user:\n    client-certificate-data: DATA+OMITTED\n    client-key-data: DATA+OMITTED\n    token: REDACTED`,
  'a plan of Terraform': `+ password = (sensitive value)\n~ token    = (sensitive value)\n+ secret_name = "db"`,
  'a play of Ansible': `TASK [k3s_server : token] ****\nok: [pi-cluster-1.local] => {"censored": "the output has been hidden due to the fact that 'no_log: true' was specified for this result", "changed": false}\npi-cluster-1.local : ok=41 changed=0 unreachable=0 failed=0`,
  'a join with a file': `k3s agent --server https://pi-cluster-1.local:6443 --token-file /run/k3s/token --kubeconfig /etc/rancher/k3s/k3s.yaml`,
  'commands of kubectl': `kubectl diff -R -f cluster/apps/web --server-side -o yaml && kubectl get secret db -o jsonpath={.metadata.name} && kubectl create token web`,
  'a sentence': `The password was rotated, the token of the old node is revoked: see docs/runbooks/secrets.md. Password: see the vault. Basic auth stays on.`,
  'roles and webhooks': `authorization: rbac\n- apiGroups: [""]\n  resources: [secrets, serviceaccounts/token]\n  verbs: [get]\nauthMode: Node,RBAC\ntoken_type: bearer`,
  'schemas of secrets': `aws_secret_access_key: Secret Access Key, which is used to authenticate requests.\napi_key: {type: apiKey, in: header}\norg_api_key = -1\nsecretKey: MY_K8S_SECRET_KEY`,
  addresses: `https://pi-cluster-1.local:6443/readyz?verbose https://user@git.local/infra.git http://[::1]:8080/a:b@c`,
  'options of lifetimes': `tokenTTL: 24h\ntoken-ttl: 24h0m0s\npasswordPolicy: strict\nsecretRotation: 90d\ntokenExpirationSeconds: 3607\nresetPasswordAfter: 12`,
};

for (const [what, text] of Object.entries(harmless)) {
  test(`no finding: ${what}`, () => {
    assert.deepEqual(scanText('notes', text), []);
    assert.equal(maskText(text), text);
  });
}

test('every form of token is found by its own row, and names its source', () => {
  assert.ok(tokenFormats.length > 30);
  for (const { kind, pattern, source } of tokenFormats) {
    assert.ok(pattern.global && pattern.hasIndices, kind);
    assert.ok(source.length > 10, kind);
  }
});

test('places are fields of data and lines of text', () => {
  const data = { runId: 'r1', notes: 'all well', auth: { password }, steps: ['ok', `PGPASSWORD=${password} psql`] };
  assert.deepEqual(
    scanData('data', data).map(({ where }) => where),
    ['data.auth.password', 'data.steps[1]'],
  );
  const manifest = { kind: 'Secret', data: { color: 'cmVk', size: '***' } };
  assert.deepEqual(
    scanData('data', manifest).map(({ where }) => where),
    ['data.data'],
  );
  const log = `ok\nok\nAuthorization: Bearer ${run(30)}\nok\npassword=${password}\n`;
  assert.deepEqual(
    scanBytes('run.log', Buffer.from(log)).map(({ where }) => where),
    ['run.log:3', 'run.log:5'],
  );
  assert.equal(scanBytes('windows.txt', Buffer.from(`\ufeff${log}`, 'utf16le')).length, 2);
});

test('known values are found in every form in which they travel', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 10, maxLength: 40, unit: 'grapheme-ascii' }).filter((value) => value.trim().length >= 10),
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }),
      (value, before, after) => {
        const around = before + value + after;
        const forms = [
          around,
          JSON.stringify(around),
          base64(around),
          Buffer.from(around).toString('base64url'),
          Buffer.from(around).toString('hex'),
          encodeURIComponent(around.toWellFormed()),
        ];
        for (const form of forms) assert.ok(scanText('x', `note ${form} end`, [value]).length > 0, form);
      },
    ),
    { numRuns: 300 },
  );
});

test('a known key is found though it is indented, a short value only as a word', () => {
  const key = `-----BEGIN SOMETHING-----\n${run(64)}\n${run(60)}\n-----END SOMETHING-----\n`;
  const indented = `cert:\n${key.replace(/^/gm, '    ')}`;
  assert.ok(scanText('x', indented, [key]).length > 0);
  assert.deepEqual(scanText('x', 'the administrator is away', ['admin']), []);
  assert.equal(scanText('x', 'user admin is away', ['admin']).length, 1);
  assert.deepEqual(scanText('x', 'a b c', ['', 'a', '  ']), []);
});

test('no text takes long, and a masked text is found clean', () => {
  const shapes = [
    'a.',
    'password',
    'password=',
    '"',
    '\\"',
    ' - ',
    'A',
    'eyJ',
    '://',
    'data:\n  ',
    '{"',
    '-----BEGIN ',
    '\\',
    "'",
    'password="\\\\',
    '"kind":"Secret"',
    'authorization: ',
    '--token\n- ',
    '- name: a_token\n',
    'bearer ',
    'AKIA',
    '$2a$',
    'K10',
    '{{',
    ' # ',
    'data: {a',
  ];
  for (const shape of shapes) {
    scanText('x', shape.repeat(Math.ceil(200_000 / shape.length)));
    scanText('x', `"kind":"Secret" password="${shape.repeat(Math.ceil(100_000 / shape.length))}`);
  }
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...Object.values(planted).map(([text]) => text)), { maxLength: 4 }),
      (texts) => {
        const masked = maskText(texts.join('\n---\n'));
        assert.deepEqual(scanText('x', masked), [], masked);
      },
    ),
    { numRuns: 100 },
  );
});
