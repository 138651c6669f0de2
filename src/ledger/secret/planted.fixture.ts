/** Secrets to be found, as they come: in manifests, diffs, commands and logs. */
import { generateKeyPairSync } from 'node:crypto';

/** Made when the test runs, so that no file of the repository holds what looks like a secret. */
const letters = 'aB3dE5gH7jK9mN2pQ4sT6vW8xY1zC0fL';
export const run = (length: number): string => letters.repeat(Math.ceil(length / letters.length)).slice(0, length);
export const hex = (length: number): string => '3f9a1c07be52d846'.repeat(Math.ceil(length / 16)).slice(0, length);
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const password = ['hunter', '2', 'Correct'].join('-');
const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const jwt = [base64('{"alg":"RS256"}'), base64('{"sub":"system:serviceaccount"}'), run(40)]
  .map((part) => part.replace(/=/g, ''))
  .join('.');

/** A text for each, with the part that must not get out. */
export const planted: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  'a private key': [pem, pem.split('\n')[0] ?? ''],
  'a private key as one line of JSON': [JSON.stringify({ key: pem }), pem.split('\n')[1] ?? ''],
  'a private key in base64': [`  tls.key: ${base64(pem)}`, base64(pem)],
  'an age key': [`AGE-SECRET-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`, 'QPZRY9X8GF'],
  'a token of k3s': [`curl … K10${hex(64)}::server:${hex(32)}`, hex(32)],
  'a token of GitHub in an address': [`git clone https://ghp_${run(36)}@github.com/x/y`, run(36)],
  'a token of GitLab': [`glpat-${run(20)}`, run(20)],
  'a key of AWS': [`key AKIA${'ABCDEFGH23456765'} was used`, 'ABCDEFGH23456765'],
  'a key of AWS beside it': [`aws_secret_access_key = ${run(40)}`, run(40)],
  'a webhook of Slack': [`api_url: https://hooks.slack.com/services/T0001/B0001/${run(24)}`, run(24)],
  'a token of Vault': [`VAULT_TOKEN=hvs.${run(90)}`, run(90)],
  'a JSON web token': [`token is ${jwt}`, jwt.slice(0, 30)],
  'a password hash': [`admin:$apr1$${run(8)}$${run(22)}`, run(22)],
  'a field of YAML': [`adminPassword: ${password}`, password],
  'a phrase in YAML': [`passphrase: correct horse battery staple`, 'horse'],
  'a block of YAML': [`vault:\n  password: |\n    ${password}\n`, password],
  'a field with quotes and a comment': [`db_password: "${password}" # rotate me`, password],
  'a field in the diff of a ConfigMap': [`+    spring.datasource.password=${password}`, password],
  'a field of JSON in JSON': [`"args": "{\\"password\\": \\"${password}\\"}"`, password],
  'a variable of the environment': [`export K3S_TOKEN=${password}`, password],
  'an env of a container': [`        - name: DB_PASSWORD\n          value: ${password}`, password],
  'an env of a container in a diff': [
    `         - name: DB_PASSWORD\n-          value: $(OLD)\n+          value: ${password}`,
    password,
  ],
  'an env on one line': [`env: [{name: DB_PASSWORD, value: ${password}}]`, password],
  'a flag of a command': [`kubectl create secret docker-registry r --docker-password ${password}`, password],
  'a flag in a list of arguments': [`args:\n- --token\n- ${password}`, password],
  'a literal of kubectl': [`kubectl create secret generic x --from-literal=anything=${password}`, password],
  'a user of curl': [`curl -sf -u admin:${password} https://grafana.local/api`, password],
  'a password in an address': [`postgres://app:${password}@db:5432/app`, password],
  'a header': [`Authorization: Bearer ${run(30)}`, run(30)],
  'basic authentication': [
    `curl -H "Authorization: Basic ${base64(`admin:${password}`)}"`,
    base64(`admin:${password}`),
  ],
  'a token beside its name': [`secretId: 9b2f7c1e-03d4-4a8b-9c55-0e1f2a3b4c5d`, '9b2f7c1e'],
  'a kubeconfig': [`    client-key-data: ${base64(pem)}\n    client-certificate-data: LS0t`, base64(pem)],
  'a registry': [`{"auths":{"r":{"auth":"${base64(`bot:${password}`)}"}}}`, base64(`bot:${password}`)],
  'a Secret in YAML': [`apiVersion: v1\ndata:\n  color: cmVk\nkind: Secret\nmetadata:\n  name: db\n`, 'cmVk'],
  'a Secret as plain text': [`kind: Secret\nstringData:\n  conf: |\n    any = thing\n`, 'any = thing'],
  'a Secret in a list': [
    `apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    a: public\n  kind: ConfigMap\n- apiVersion: v1\n  data:\n    color: cmVk\n  kind: Secret\n`,
    'cmVk',
  ],
  'a Secret in JSON': [
    JSON.stringify({ apiVersion: 'v1', data: { color: 'cmVk' }, kind: 'Secret' }, undefined, 2),
    'cmVk',
  ],
  'a Secret that was applied by the client': [
    `  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {"apiVersion":"v1","data":{"color":"cmVk"},"kind":"Secret","metadata":{"name":"db"}}\n`,
    'cmVk',
  ],
  'a Secret that was applied, in JSON': [
    JSON.stringify({ note: JSON.stringify({ kind: 'Secret', data: { color: 'cmVk' } }) }),
    'cmVk',
  ],
  'the diff of a Secret': [
    `diff -u -N /tmp/LIVE-1/v1.Secret.default.db /tmp/MERGED-2/v1.Secret.default.db\n--- /tmp/LIVE-1/v1.Secret.default.db\n+++ /tmp/MERGED-2/v1.Secret.default.db\n@@ -4,7 +4,7 @@\n   a: '***'\n-  color: cmVk\n+  color: Z3JlZW4=\n   z: '***'\n`,
    'cmVk',
  ],
  'the diff of helm': [
    `default, db, Secret (v1) has changed:\n-   color: 'red'\n+   color: '++++++++ # (5 bytes)'\n`,
    'red',
  ],
};
