import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../telemetry/manual-clock.ts';
import { connect } from './connection.ts';
import { isKubeError } from './error.ts';

/** A kubeconfig with one context, in more than one line. */
function kubeconfig(server: string, user: object, cluster: object = {}): string {
  const config = {
    'current-context': 'here',
    clusters: [{ name: 'cluster', cluster: { server, ...cluster } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'here', context: { cluster: 'cluster', user: 'user' } }],
  };
  return JSON.stringify(config, undefined, 1);
}

for (const [what, text, expected] of [
  ['an empty file', ' \n ', /kubeconfig text: the file is empty/],
  ['no YAML', 'a: [\n', /kubeconfig text: /],
  ['a list', '- a\n- b\n', /kubeconfig text: expected an object/],
  ['nothing in it', '{}\n\n', /current-context is empty/],
  [
    'a server that is no string',
    'clusters:\n- name: a\n  cluster: {server: 7}\n',
    /expected a string at clusters\[0\]\.cluster\.server/,
  ],
  ['a user without a name', 'users:\n- user: {}\n', /expected a value at users\[0\]\.name/],
  [
    'a context that is not there',
    'current-context: x\ncontexts:\n- {name: a, context: {cluster: b}}\n',
    /current-context "x" is not among contexts \(a\)/,
  ],
  [
    'a cluster that is not there',
    'current-context: a\ncontexts:\n- {name: a, context: {cluster: b}}\n',
    /contexts\[a\]\.context\.cluster "b" is not among clusters \(none\)/,
  ],
  [
    'a server that is no URL',
    kubeconfig('nowhere', {}),
    /clusters\[cluster\]\.cluster\.server: "nowhere" is not an http or https URL/,
  ],
  [
    'a CA file that is not there',
    kubeconfig('https://a', {}, { 'certificate-authority': '/nope' }),
    /clusters\[cluster\]\.cluster\.certificate-authority: cannot read \/nope: ENOENT/,
  ],
  [
    'a CA that is no PEM',
    kubeconfig('https://a', {}, { 'certificate-authority-data': 'bm9wZQ==' }),
    /certificate-authority-data: is not PEM/,
  ],
  [
    'a certificate without its key',
    kubeconfig('https://a', { 'client-certificate-data': Buffer.from('-----BEGIN X').toString('base64') }),
    /users\[user\]\.user\.client-key: a client certificate needs its key/,
  ],
  [
    'a token file that is not there',
    kubeconfig('https://a', { tokenFile: '/nope' }),
    /users\[user\]\.user\.tokenFile: cannot read \/nope/,
  ],
] as const) {
  test(`a kubeconfig with ${what} is refused, naming the place`, async () => {
    await assert.rejects(
      connect({ clock: createManualClock(), env: {}, kubeconfig: text }),
      (error) => isKubeError(error, 'KUBE_CONFIG') && expected.test(error.message),
    );
  });
}

test('a kubeconfig that does not exist, and none at all, are said so', async () => {
  const clock = createManualClock();
  await assert.rejects(connect({ clock, env: {}, kubeconfig: '/nope/config' }), /kubeconfig \/nope\/config: ENOENT/);
  await assert.rejects(connect({ clock, env: { KUBECONFIG: '/nope/a:/nope/b' } }), /kubeconfig \/nope\/a: ENOENT/);
  await assert.rejects(
    connect({ clock, env: { HOME: '/nope' } }),
    /KUBECONFIG is not set and \/nope\/\.kube\/config does not exist/,
  );
  await assert.rejects(connect({ clock, env: {}, inCluster: true }), /KUBERNETES_SERVICE_HOST is not set/);
});
