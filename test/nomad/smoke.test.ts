/** The smoke checks of `larder nomad core` where no cluster answers: each says so in lines of its own, and ends. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { core } from '../../src/nomad/core/core.ts';
import { policySchema } from '../../src/nomad/policy.ts';

const REFUSED = 'echo "The connection to the server was refused" >&2\nexit 1\n';

/** What stands in the place of kubectl. */
const kubectls = {
  'nothing answers': `#!/bin/sh\n${REFUSED}`,
  'what is made never becomes ready': `#!/bin/sh\ncase " $* " in *" create "* | *" apply "* | *" run "* | *" expose "* | *" delete "*) exit 0 ;; esac\n${REFUSED}`,
} as const;

function written(t: TestContext, mesh: 'cilium' | 'linkerd', kubectl: string): string {
  const home = mkdtempSync(join(tmpdir(), 'larder-smoke-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const files = core({
    name: 'home',
    nodes: [],
    nfs: { server: 'nas', path: '/v' },
    vault: 'https://vault.example.com:8200',
    kv1: [],
    coexist: true,
    policy: policySchema.parse({ mesh }),
    linkerd: '2025.11.3',
  });
  const all = [...files, ['bin/kubectl', { text: kubectl, executable: true }] as const];
  for (const [path, { text, executable }] of all) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode: executable ? 0o755 : 0o644 });
  }
  return home;
}

const parts = ['storage', 'core/service-mesh', 'core/vault-integration', 'core/vpa', 'core/ingress'] as const;
const made = /^PASS the namespace [\w-]+ is this check's$/;

for (const [what, kubectl] of Object.entries(kubectls)) {
  for (const mesh of ['cilium', 'linkerd'] as const) {
    for (const part of parts) {
      test(`the check of ${part} with ${mesh} reports where ${what}`, (t) => {
        const home = written(t, mesh, kubectl);
        const { status, stdout, stderr } = spawnSync(join(home, 'k8s', part, 'smoke.sh'), {
          encoding: 'utf8',
          env: { ...process.env, PATH: [join(home, 'bin'), process.env['PATH'] ?? ''].join(delimiter) },
        });
        assert.equal(status, 1, stdout);
        assert.equal(stderr, '', 'nothing broke off in the middle');
        const lines = stdout.trim().split('\n');
        assert.deepEqual(
          lines.filter((line) => !/^(?:PASS|FAIL|NOTE) /.test(line)),
          [],
        );
        assert.ok(
          lines.some((line) => line.startsWith('FAIL ')),
          stdout,
        );
        // that nothing could be asked proves nothing, least of all that something is not there
        assert.deepEqual(
          lines.filter((line) => line.startsWith('PASS ') && !made.test(line)),
          [],
        );
      });
    }
  }
}
