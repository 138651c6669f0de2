/**
 * Builds the console into `console/dist`, unless what stands there was made of the same sources: `node console/build.ts`.
 * `bin/bootstrap.js` runs it before `npm start` and `npm test`, the bundle calls it for the image. The stamp has the sum of
 * every file that went in, so that a checkout of another branch is noticed as well as an edit.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';

const here = import.meta.dirname;
const root = resolve(here, '..');
const STAMP = 'made-of.json';

type Sums = Readonly<Record<string, string>>;

export interface BuiltConsole {
  readonly folder: string;
  /** Packages that are in it, as paths below the root. */
  readonly modules: readonly string[];
}

/** Builds into `folder`, which gets nothing else in it. Throws what Vite throws. */
export async function buildConsole(folder: string): Promise<BuiltConsole> {
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production'; // whatever it was: React is built for those who use it
  const made = await build({
    configFile: false,
    root: here,
    base: '/',
    logLevel: 'error',
    mode: 'production',
    plugins: [react()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0, // what is inline, the content security policy refuses
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  // It counts for the whole process, and npm then leaves out what only development needs.
  if (before === undefined) delete process.env['NODE_ENV'];
  else process.env['NODE_ENV'] = before;
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((each) => ('output' in each ? each.output : []));
  const modules = outputs.flatMap((output) => (output.type === 'chunk' ? output.moduleIds : []));
  return { folder, modules: [...new Set(modules)].filter((id) => id.startsWith('/')).map((id) => relative(root, id)) };
}

/** What the next build would be made of, as far as it is known before: all of the console, and what the last one took of `src`. */
function ownFiles(): readonly string[] {
  const files = globSync('console/**/*.{ts,tsx,css,html,json,hcl,tf}', { cwd: root, exclude: ['console/dist/**'] });
  return [...files, 'package-lock.json'].sort();
}

function sumsOf(files: readonly string[]): Sums {
  const sum = (path: string): string => {
    const file = join(root, path);
    return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16) : 'gone';
  };
  return Object.fromEntries(files.map((path) => [path, sum(path)]));
}

function isFresh(folder: string): boolean {
  const stamp = join(folder, STAMP);
  if (!existsSync(stamp)) return false;
  const before: Sums = JSON.parse(readFileSync(stamp, 'utf8'));
  const now = sumsOf(Object.keys(before));
  return ownFiles().every((path) => path in before) && Object.keys(before).every((path) => before[path] === now[path]);
}

/** The console of this checkout, built when it is not there or old. Two builds at once are no harm: each is put in its place whole. */
export async function freshConsole(folder = join(here, 'dist')): Promise<'built' | 'fresh'> {
  if (isFresh(folder)) return 'fresh';
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(here, '.building-'));
  try {
    const { modules } = await buildConsole(temporary);
    const sources = modules.filter((path) => path.startsWith('src/'));
    writeFileSync(join(temporary, STAMP), JSON.stringify(sumsOf([...ownFiles(), ...sources]), undefined, 1));
    chmodSync(temporary, 0o755);
    replace(folder, temporary);
    return 'built';
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Where another build put its own there in this moment, that one stays: it is made of the same sources. */
function replace(folder: string, made: string): void {
  const old = `${made}-old`;
  try {
    renameSync(folder, old);
    renameSync(made, folder);
  } catch (failure) {
    if (!isFresh(folder)) throw failure;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const begun = performance.now();
  try {
    if ((await freshConsole()) === 'built') {
      process.stderr.write(`larder: the console is built, in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
    }
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    process.stderr.write(`larder: the console was not built, the plain page stands in for it: ${why}\n`);
    process.exitCode = 1;
  }
}
