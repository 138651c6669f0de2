import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scanned } from './scan/finding.ts';
import { packagesOf, scanAudit, scanLicences, scanScripts, scanSums } from './scan/packages.ts';
import { rules, scanSource } from './scan/rule.ts';
import { secretsIn } from './scan/secret.ts';
import { scanHere } from './scan.ts';

const findingsOf = (scanned: Scanned): readonly string[] =>
  scanned.kind === 'checked' ? scanned.findings : ['unchecked'];

const lockOf = (entry: object): string =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/x': { license: 'MIT', integrity: `sha512-${'a'.repeat(86)}==`, ...entry } },
  });

/** No exception is needed by a tree that has none of these files. */
const newFindings = (text: string, path = 'src/kube/x.ts'): readonly string[] =>
  findingsOf(scanSource([{ path, text }])).filter((finding) => finding.startsWith(path));

describe('the scan', () => {
  it('finds nothing in this tree, and has looked at all of it', () => {
    for (const scanned of scanHere()) {
      assert.deepEqual(findingsOf(scanned), []);
      assert.ok(scanned.kind === 'checked' && scanned.seen > 100, JSON.stringify(scanned));
    }
  });

  it('finds a licence that is not allowed, and none at all, but not those of tools', () => {
    const licences = (entry: object): readonly string[] => findingsOf(scanLicences(packagesOf(lockOf(entry))));
    assert.deepEqual(licences({}), []);
    assert.deepEqual(licences({ license: 'AGPL-3.0' }), ['node_modules/x has licence "AGPL-3.0"']);
    assert.deepEqual(licences({ license: undefined }), ['node_modules/x has licence ""']);
    assert.deepEqual(licences({ license: 'AGPL-3.0', dev: true }), ['looked at nothing']);
  });

  it('finds an install script and a package without a sum', () => {
    assert.deepEqual(findingsOf(scanScripts(packagesOf(lockOf({ hasInstallScript: true })))), [
      'node_modules/x has an install script',
    ]);
    assert.deepEqual(findingsOf(scanSums(packagesOf(lockOf({ integrity: 'sha1-x' })))), [
      'node_modules/x is not pinned by a sha512 sum',
    ]);
  });

  it('counts high and critical vulnerabilities only, and says when the registry did not answer', () => {
    const report = (severity: string): string =>
      JSON.stringify({ metadata: { dependencies: { prod: 9 } }, vulnerabilities: { x: { severity } } });
    assert.deepEqual(findingsOf(scanAudit(report('moderate'))), []);
    assert.deepEqual(findingsOf(scanAudit(report('critical'))), ['x is vulnerable (critical)']);
    for (const silence of ['', '{"message":"405 Method Not Allowed"}', '{"error":{"summary":"offline"}}']) {
      assert.equal(scanAudit(silence).kind, 'unchecked', silence);
    }
  });

  it('finds each thing that must not stand in the source, and an exception that nothing needs', () => {
    const samples = [
      "exec('ls')",
      'spawn(x, { shell: true })',
      "import { spawn } from 'node:child_process';",
      'eval(text)',
      'new Function(text)',
      'mkdirSync(path, { recursive: true })',
      'connect({ rejectUnauthorized: false })',
      "createHash('md5')",
    ];
    for (const sample of samples) assert.equal(newFindings(`\n${sample}`).length, 1, sample);
    assert.match(newFindings('\neval(text)')[0] ?? '', /^src\/kube\/x\.ts:2 has code made from text$/);
    const path = 'src/provision/x.ts';
    assert.equal(newFindings("import { rename } from 'node:fs/promises';", path).length, 1);
    assert.deepEqual(newFindings("import { rename } from 'node:fs/promises';"), []);
    const exceptions = rules.flatMap(({ except }) => Object.keys(except));
    const unneeded = findingsOf(scanSource([{ path, text: '' }]));
    assert.equal(unneeded.length, exceptions.length);
  });

  it('knows secrets', () => {
    const key = `-----BEGIN ${'RSA'} PRIVATE KEY-----\n${'A'.repeat(48)}`;
    const samples = [key, `AKIA${'A'.repeat(16)}`, `ghp_${'a'.repeat(36)}`, ['postgres://me', 'hunter2@db'].join(':')];
    for (const sample of samples) assert.equal(secretsIn(`x ${sample}`).length, 1, sample);
    assert.deepEqual(secretsIn('https://example.com/a:b@c user:pass 127.0.0.1:/storage/v'), []);
  });
});
