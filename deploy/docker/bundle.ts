/**
 * Makes the files that the image runs: `npm run bundle [-- FOLDER]`, into `dist` when no folder is named.
 * `larder.mjs` is the command line, `child.mjs` the process of an export, `nomad-child.mjs` that of
 * a conversion of jobs; what they import lies beside them in pieces, each
 * read when it is first needed: an idle operator weighs 102 MB so, and 152 MB when all stands in one file.
 * `convert-….js` is `larder nomad convert` in one file, because what is compiled of one script can be kept whole; `….cjs`
 * are packages that few conversions need. The licences
 * of what is in them lie there too. Node 24 and these files are all that is needed.
 */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildConsole } from '../../console/build.ts';
import 'reflect-metadata'; // @peculiar/x509 is asked for its names below, and does not load without it

const root = resolve(import.meta.dirname, '../..');
const MAIN = 'larder.mjs';
/** The built console, served from beside the code. */
const CONSOLE = 'console';
/** What `npm run sbom` writes beside it. */
const SBOM = 'larder.cdx.json';
const LOGIN_LIBRARY = '@kubernetes/client-node';
const logins = join(root, 'node_modules', LOGIN_LIBRARY, 'dist', 'config.js');
const BY_NAME = 'by-name';
/** Files that code reads when it runs, from where it lies: the grammar of HCL and its engine. */
const CARRIED = [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'node_modules/@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm',
];

/** Folders that commands hand on: playbooks and roles, and what a cluster's repository begins with. */
const HANDED_ON = ['ansible', 'operator-repository'];

/** The bundle cannot be passed on to others. */
class BundleError extends Error {}

export interface Bundle {
  /** By name of the file. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** Only what an earlier bundle left is taken away: the folder may be one that holds something else. */
function makeRoom(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder);
  const foreign = names.length > 0 && !names.includes(MAIN) && names.some((name) => name !== SBOM);
  if (foreign) throw new BundleError(`${folder} holds something else than a bundle: name another folder, or empty it`);
  for (const name of names) if (/\.([mc]?js|wasm)$/.test(name)) rmSync(join(folder, name));
  for (const name of HANDED_ON) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Not what a run of a playbook left behind. */
const isOurs = (path: string): boolean => !/(^|\/)(__pycache__|\.ansible)(\/|$)/.test(path);

/** @throws when a source does not compile, a package that goes in has no licence that can be passed on, or the folder is not ours. */
export async function bundle(folder: string): Promise<Bundle> {
  makeRoom(folder);
  const convert = await convertScript(folder);
  const { metafile } = await build({
    ...alike,
    entryPoints: {
      larder: 'deploy/docker/entry.ts',
      child: 'src/provision/export/child.ts',
      'nomad-child': 'src/operator/nomad/child.ts',
      'ledger-thread': 'src/cli/ledger-thread.ts',
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    define: { CONVERT_SCRIPT: JSON.stringify(convert.name) },
    metafile: true,
    // Packages written as CommonJS ask for Node's modules by `require`; what makes one is loaded when they do.
    banner: {
      js: "const require = (name) => process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);",
    },
  });
  const page = await buildConsole(join(folder, CONSOLE));
  for (const path of CARRIED) copyFileSync(join(root, path), join(folder, basename(path)));
  for (const name of HANDED_ON)
    cpSync(join(root, 'deploy', name), join(folder, name), { recursive: true, filter: isOurs });
  writeFileSync(
    join(folder, 'LICENSES.txt'),
    licences([...Object.keys(metafile.inputs), ...convert.inputs, ...page.modules]),
  );
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
  return { bytes: Object.fromEntries(names.map((name) => [name, statSync(join(folder, name)).size])) };
}

/** `larder nomad convert`: its file, and what it is made of. */
async function convertScript(folder: string): Promise<{ readonly name: string; readonly inputs: readonly string[] }> {
  const apart = await packagesApart(folder);
  const { metafile } = await build({
    ...alike,
    entryPoints: { convert: 'src/cli/nomad/main.ts' },
    outdir: folder,
    entryNames: '[name]-[hash]',
    format: 'cjs',
    define: { 'import.meta.url': 'here' },
    // Names stay as they are: to tell each function its own again, as `keepNames` does, takes 5 ms.
    minifyIdentifiers: false,
    minifySyntax: true,
    minifyWhitespace: true,
    minify: false,
    keepNames: false,
    plugins: [apart.plugin, ...alike.plugins],
    // What is asked of `import.meta` beside its address is for the checkout alone.
    logOverride: { ...alike.logOverride, 'empty-import-meta': 'silent' },
    metafile: true,
    // A function, because scripts have no modules around them; strict, as all modules are.
    banner: {
      js: "(function (module, require, __filename) { 'use strict'; const here = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
  });
  const [path = ''] = Object.keys(metafile.outputs);
  inAscii(join(root, path));
  return { name: basename(path), inputs: [...Object.keys(metafile.inputs), ...apart.inputs] };
}

/** What reads policies and answers, prints tables, decodes YAML in a job, and parses what is not plain: half of the code of a conversion. */
const APART = ['zod', 'yaml', 'cli-table3', 'web-tree-sitter'];

interface Apart {
  /** Has their names where they are imported, and the packages themselves when one of the names is first used. */
  readonly plugin: Plugin;
  readonly inputs: readonly string[];
}

/** Packages that most conversions do without, each in a file of its own. */
async function packagesApart(folder: string): Promise<Apart> {
  const names = new Map<string, readonly string[]>();
  for (const each of APART) names.set(each, Object.keys(await import(each)).filter(isName));
  const filter = new RegExp(`^(${APART.join('|')})$`);
  const { metafile } = await build({
    ...alike,
    entryPoints: APART.map((each) => ({ in: each, out: each })),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    entryNames: '[name]-[hash]',
    format: 'cjs',
    define: { 'import.meta.url': 'here' },
    banner: { js: "const here = require('node:url').pathToFileURL(__filename).href;" },
    metafile: true,
  });
  const files = new Map(
    Object.keys(metafile.outputs).map((path) => [basename(path).replace(/-[^-]+$/, ''), basename(path)]),
  );
  const contentsOf = (name: string): string => {
    const whole = `require('${name}')`;
    const own = (names.get(name) ?? []).filter((each) => each !== 'default');
    if (own.length === 0) return `module.exports = ${whole};`;
    return `module.exports = { __esModule: true, ${own.map((each) => `get ${each}() { return ${whole}.${each}; }`).join(', ')} };`;
  };
  return {
    inputs: Object.keys(metafile.inputs),
    plugin: {
      name: 'packages-apart',
      setup({ onLoad, onResolve }) {
        onResolve({ filter }, ({ path, namespace }) =>
          namespace === LATE ? { path: `./${files.get(path)}`, external: true } : { path, namespace: LATE },
        );
        onLoad({ filter, namespace: LATE }, ({ path }) => ({ contents: contentsOf(path) }));
      },
    },
  };
}

/**
 * esbuild writes texts in ASCII and leaves regular expressions as they are. There, too, a character can be written by its
 * number; in ASCII the script is read without being decoded, and takes half the memory.
 */
function inAscii(path: string): void {
  const text = readFileSync(path, 'utf8');
  const ascii = text.replace(/[\u0080-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
  writeFileSync(path, ascii);
}

/**
 * A package that is imported when it is needed may be CommonJS, whose names Node finds out when it runs and a piece of a
 * bundle must list. They are asked of Node here. Of the official client only the logins go in, a third of it.
 */
const packagesByName: Plugin = {
  name: 'packages-by-name',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[@a-z]/ }, ({ kind, path, namespace }) => {
      if (path === LOGIN_LIBRARY && namespace === BY_NAME) return { path: logins };
      return kind === 'dynamic-import' && !path.startsWith('node:') ? { path, namespace: BY_NAME } : undefined;
    });
    onLoad({ filter: /./, namespace: BY_NAME }, async ({ path }) => {
      const names = Object.keys(await import(path === LOGIN_LIBRARY ? logins : path));
      const from = JSON.stringify(path);
      return {
        contents: `import ${from}; export { ${names.filter(isName).join(', ')} } from ${from};`,
        resolveDir: root,
      };
    });
  },
};

/** zod brings its messages in fifty languages, which is half of it; it speaks English here. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * commander takes some of Node's modules for what Larder never asks of it, and a module of Node that is imported is made
 * whole: half of what its own start takes. It gets them when it uses them.
 */
const lateModules: Plugin = {
  name: 'late-modules',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:(child_process|process|util)$/ }, ({ path, importer }) =>
      /\/commander\/lib\//.test(importer) ? { path, namespace: LATE } : undefined,
    );
    onLoad({ filter: /./, namespace: LATE }, ({ path }) => ({ contents: lateContents[path] ?? '' }));
  },
};

const LATE = 'late';
const lateContents: Readonly<Record<string, string>> = {
  'node:process': 'export default globalThis.process;',
  'node:child_process': `export default { spawn: (...all) => process.getBuiltinModule('node:child_process').spawn(...all) };`,
  'node:util': `export const stripVTControlCharacters = (text) => process.getBuiltinModule('node:util').stripVTControlCharacters(text);`,
};

/** What is alike in all files. */
const alike = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  keepNames: true,
  legalComments: 'none', // LICENSES.txt has them all
  logLevel: 'warning',
  // What has no side effects is asked for by its names all the same.
  logOverride: { 'ignored-bare-import': 'silent' },
  plugins: [packagesByName, oneLanguage, lateModules],
} satisfies BuildOptions;

/** `default` too: a package may ask another for nothing else. */
const isName = (name: string): boolean => /^[A-Za-z_$][\w$]*$/.test(name);

/** Name, version and licence text of every package that is in the bundle, after Larder's own. */
function licences(inputs: readonly string[]): string {
  const packages = new Set([...inputs, ...CARRIED].flatMap((path) => packageOf(path) ?? []));
  const texts = [...packages].sort().map((path) => {
    const { name, version, license, author } = Object(
      JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')),
    );
    const text = licenceOf(path);
    if (text !== undefined) return `${name} ${version}\n\n${text}`;
    if (typeof license !== 'string') throw new BundleError(`${path} names no licence: it must not go into an image`);
    return `${name} ${version}\n\nLicence: ${license}. Its author (${JSON.stringify(author ?? 'not named')}) publishes no text of it.`;
  });
  const own = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  return `${[`Larder\n\n${own}`, ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** `node_modules/a/lib/b.js` → `node_modules/a`; undefined for our own files. */
function packageOf(path: string): string | undefined {
  const start = path.lastIndexOf('node_modules/');
  if (start < 0) return undefined;
  const [scope = '', name = ''] = path.slice(start + 'node_modules/'.length).split('/');
  return `${path.slice(0, start)}node_modules/${scope.startsWith('@') ? `${scope}/${name}` : scope}`;
}

function licenceOf(path: string): string | undefined {
  const files = readdirSync(join(root, path));
  const texts = files
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .map((name) => readFileSync(join(root, path, name), 'utf8').trim());
  if (texts.length > 0) return texts.join('\n\n');
  const readme = files.find((name) => /^readme/i.test(name));
  const text = readme === undefined ? '' : readFileSync(join(root, path, readme), 'utf8');
  return /^#+ licen[cs]e\b.*\n([\s\S]*)/im.exec(text)?.[1]?.trim();
}

if (import.meta.main) {
  try {
    const { bytes } = await bundle(resolve(process.argv[2] ?? join(root, 'dist')));
    const sizes = Object.values(bytes);
    const sum = sizes.reduce((total, size) => total + size, 0);
    process.stdout.write(`${sizes.length} files, ${(sum / 1e6).toFixed(1)} MB\n`);
  } catch (failure) {
    if (!(failure instanceof BundleError)) throw failure;
    process.stderr.write(`larder: ${failure.message}\n`);
    process.exitCode = 2;
  }
}
