/**
 * `npm run scan`: what can be said about the supply chain and the source without running them. One line for each part;
 * ends with 1 when anything was found. What cannot be checked here is named with the reason, and is no finding.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checked, type Scanned } from './scan/finding.ts';
import { packagesOf, scanAudit, scanLicences, scanScripts, scanSums } from './scan/packages.ts';
import { scanSource } from './scan/rule.ts';
import { secretsIn } from './scan/secret.ts';

const root = resolve(import.meta.dirname, '../..');
const LARGEST_BYTES = 2 * 2 ** 20;
const AUDIT_LIMIT_MS = 60_000;

const read = (path: string): { readonly path: string; readonly text: string } => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
});

/** Committed files and those about to be. */
function tree(): readonly string[] {
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0');
  return files.filter((path) => {
    const facts = path === '' ? undefined : statSync(join(root, path), { throwIfNoEntry: false });
    return facts?.isFile() === true && facts.size <= LARGEST_BYTES;
  });
}

function scanTree(): Scanned {
  const files = tree();
  const findings = files.flatMap((path) => secretsIn(read(path).text).map((what) => `${path} holds ${what}`));
  return checked('files without secrets', files.length, findings);
}

/** All that needs no network. */
export function scanHere(): readonly Scanned[] {
  const packages = packagesOf(read('package-lock.json').text);
  const sources = globSync(['src/**/*.ts', 'bin/**/*.js'], { cwd: root }).sort();
  const shipped = sources.filter((path) => !/\.(test|fixture)\.ts$/.test(path));
  return [scanLicences(packages), scanSums(packages), scanScripts(packages), scanSource(shipped.map(read)), scanTree()];
}

function audit(): Scanned {
  const args = ['audit', '--omit=dev', '--audit-level=high', '--json'];
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', timeout: AUDIT_LIMIT_MS });
  return scanAudit(stdout ?? '');
}

function lineOf(scanned: Scanned): string {
  if (scanned.kind === 'unchecked') return `not checked: ${scanned.what}: ${scanned.reason}`;
  const { what, seen, findings } = scanned;
  return [
    `${findings.length === 0 ? 'ok' : 'FOUND'}: ${what} (${seen} seen)`,
    ...findings.map((each) => `  ${each}`),
  ].join('\n');
}

if (import.meta.main) {
  const parts = [...scanHere(), audit()];
  for (const part of parts) process.stdout.write(`${lineOf(part)}\n`);
  if (parts.some((part) => part.kind === 'checked' && part.findings.length > 0)) process.exitCode = 1;
}
