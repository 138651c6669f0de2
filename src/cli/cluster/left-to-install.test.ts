import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSpec } from '../../cluster/spec/read-spec.ts';
import { leftToInstall } from './left-to-install.ts';

const NODE = 'nodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n';

function specOf(text: string) {
  const read = readSpec(`name: a\n${NODE}${text}`, '2026-03-01');
  return read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
}

test('what k3s does not bring is told until it is there', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-left-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'a.yaml');
  const names = (server: string): void => writeFileSync(kubeconfig, `clusters:\n- cluster:\n    server: ${server}\n`);
  const standing = { withoutNetwork: [], kubeconfig };
  const plain = specOf('');
  const virtual = specOf('api: {vip: 192.0.2.9}\nloadBalancer: kube-vip\n');
  const six = specOf(
    'api: {vip: "2001:db8::9"}\nloadBalancer: kube-vip\ncidrs: {pods: "2001:db8:1::/56", services: "2001:db8:2::/112"}\n',
  );

  names('https://192.0.2.1:6443');
  assert.deepEqual(leftToInstall(plain, standing), []);
  const [vip] = leftToInstall(virtual, standing);
  assert.match(
    vip ?? '',
    /does not answer at api\.vip 192\.0\.2\.9, so \S+a\.yaml names 192\.0\.2\.1\. Install kube-vip/,
  );
  names('https://192.0.2.9:6443');
  assert.deepEqual(leftToInstall(virtual, standing), []);
  names('https://[2001:db8:0::9]:6443');
  assert.deepEqual(leftToInstall(six, standing), [], 'one address has several spellings');

  const waiting = leftToInstall(specOf('cni: cilium\n'), { withoutNetwork: ['s.local', 'w.local'], kubeconfig });
  assert.equal(waiting.length, 1);
  assert.match(waiting[0] ?? '', /^s\.local, w\.local: not Ready before cilium runs, which k3s does not bring/);
});
