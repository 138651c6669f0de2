/**
 * Adds to package-lock.json the platform packages that `npm install` left out: a registry mirror that has only the
 * packages of Linux answers 404 for the others, npm then writes no entry, and `npm ci` refuses the lock file on every
 * machine. An entry needs no address and no checksum here, because it is never fetched where its platform is another.
 * Run after every change of the dependencies: `node test/tools/complete-lock.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly libc?: readonly string[];
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export interface MissingPackage {
  readonly name: string;
  readonly version: string;
}

/** Optional packages that some package of the lock file pins to one version and that have no entry of their own. */
export function missingPackages(lock: LockFile): readonly MissingPackage[] {
  return Object.values(lock.packages)
    .flatMap((entry) => Object.entries(entry.optionalDependencies ?? {}))
    .filter(([name]) => !Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`)))
    .map(([name, version]) => ({ name, version }));
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/** Reads the platform off the name, as `binding-linux-arm-musleabihf`; throws where the name does not tell it. */
export function platformEntry({ name, version }: MissingPackage): LockEntry {
  const words = (name.split('/').at(-1) ?? name).split('-');
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) throw new Error(`no platform in the name of ${name}; lock it by hand`);
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  const always = { version, cpu: [cpu], optional: true, os: [os] };
  return os === 'linux' ? { ...always, libc: [libc] } : always;
}

if (import.meta.main) {
  const path = resolve(import.meta.dirname, '../../package-lock.json');
  const lock: LockFile = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingPackages(lock);
  const packages = Object.fromEntries(
    [
      ...Object.entries(lock.packages),
      ...missing.map((each) => [`node_modules/${each.name}`, platformEntry(each)] as const),
    ].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  process.stdout.write(`${missing.length} entries added, ${Object.keys(packages).length} in all\n`);
}
