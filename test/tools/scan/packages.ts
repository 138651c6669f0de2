/** What the lock file says of the packages that Larder runs with, and what the registry knows of them. */
import { checked, type Scanned } from './finding.ts';

interface Locked {
  readonly name: string;
  readonly licence: string;
  readonly integrity: string;
  readonly script: boolean;
  readonly development: boolean;
  /** Is installed on some machines only: those of another kind the lock file does not know the sum of. */
  readonly optional: boolean;
}

/** Each lets everybody use, change and pass on, also within something under another licence. */
const LICENCES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages that have an install script, which never runs here: `npm ci` is called with `--ignore-scripts`. */
const SCRIPTS: ReadonlySet<string> = new Set([
  'node_modules/esbuild',
  // it would build the grammar for Node's own binding; the one that is used is WebAssembly
  'node_modules/@tree-sitter-grammars/tree-sitter-hcl',
]);

/** @throws SyntaxError, TypeError for what is no lock file. */
export function packagesOf(lock: string): readonly Locked[] {
  const parsed: unknown = JSON.parse(lock);
  const packages = fieldOf(parsed, 'packages');
  if (typeof packages !== 'object' || packages === null) throw new TypeError('the lock file has no packages');
  return Object.entries(packages).flatMap(([name, entry]) => {
    if (name === '') return [];
    const text = (field: string): string => {
      const value = fieldOf(entry, field);
      return typeof value === 'string' ? value : '';
    };
    const development = fieldOf(entry, 'dev') === true;
    const script = fieldOf(entry, 'hasInstallScript') === true;
    const optional = fieldOf(entry, 'optional') === true;
    return [{ name, licence: text('license'), integrity: text('integrity'), script, development, optional }];
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function scanLicences(packages: readonly Locked[]): Scanned {
  const used = packages.filter(({ development }) => !development);
  const wrong = used.filter(({ licence }) => !LICENCES.has(licence));
  const findings = wrong.map(({ name, licence }) => `${name} has licence ${JSON.stringify(licence)}`);
  return checked('licences of packages at run time', used.length, findings);
}

export function scanSums(packages: readonly Locked[]): Scanned {
  const pinned = packages.filter(({ development, optional }) => !development || !optional);
  const wrong = pinned.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity));
  const findings = wrong.map(({ name }) => `${name} is not pinned by a sha512 sum`);
  return checked('packages pinned by their sums', pinned.length, findings);
}

export function scanScripts(packages: readonly Locked[]): Scanned {
  const wrong = packages.filter(({ name, script }) => script && !SCRIPTS.has(name));
  const findings = wrong.map(({ name }) => `${name} has an install script`);
  return checked('packages without install scripts', packages.length, findings);
}

const AUDIT = 'known vulnerabilities of packages at run time, high and critical';

/** What `npm audit --json` printed. A registry that does not answer is no proof of anything. */
export function scanAudit(output: string): Scanned {
  let report: unknown;
  try {
    report = JSON.parse(output);
  } catch {
    return { kind: 'unchecked', what: AUDIT, reason: 'npm audit printed no report' };
  }
  const counts = fieldOf(fieldOf(report, 'metadata'), 'dependencies');
  const vulnerabilities = fieldOf(report, 'vulnerabilities');
  if (typeof vulnerabilities !== 'object' || vulnerabilities === null || counts === undefined) {
    const cause = fieldOf(report, 'message') ?? fieldOf(fieldOf(report, 'error'), 'summary');
    return { kind: 'unchecked', what: AUDIT, reason: `the registry did not answer: ${String(cause).split('\n')[0]}` };
  }
  const severe = Object.entries(vulnerabilities).filter(([, entry]) =>
    ['high', 'critical'].includes(String(fieldOf(entry, 'severity'))),
  );
  const findings = severe.map(([name, entry]) => `${name} is vulnerable (${String(fieldOf(entry, 'severity'))})`);
  return checked(AUDIT, Number(fieldOf(counts, 'prod') ?? 0), findings);
}
