import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sshConnections } from './ssh-connections.ts';

const knownHosts = '/tmp/play/known hosts';

test('connections are kept in the folder of the play, and nowhere that another cluster finds them', () => {
  const { ANSIBLE_SSH_ARGS: words = '', ANSIBLE_SSH_CONTROL_PATH_DIR: folder } = sshConnections({
    knownHosts,
    folder: '/tmp/play/ssh',
  });
  assert.equal(folder, '/tmp/play/ssh');
  assert.match(words, /-o ControlMaster=auto -o ControlPersist=30s$/);
  assert.match(words, /-o 'UserKnownHostsFile="\/tmp\/play\/known hosts"' -o GlobalKnownHostsFile=\/dev\/null/);
  assert.match(words, /^-o StrictHostKeyChecking=yes /);
});

test('a folder that is too deep for a socket keeps none, and falls back to no other', () => {
  const longest = `/${'d'.repeat(74)}`;
  assert.equal(sshConnections({ knownHosts, folder: longest })['ANSIBLE_SSH_CONTROL_PATH_DIR'], longest);
  for (const folder of [`${longest}d`, `/${'é'.repeat(38)}`]) {
    const { ANSIBLE_SSH_ARGS: words = '', ...rest } = sshConnections({ knownHosts, folder });
    assert.deepEqual(rest, {});
    assert.match(words, /-o ControlMaster=no -o ControlPath=none$/);
  }
});
