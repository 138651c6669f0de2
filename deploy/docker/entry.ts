/**
 * The entry of the bundle, as bin/start.js is that of the checkout. What a command has compiled is kept for the next one in
 * the cache folder of the user, or where NODE_COMPILE_CACHE says; never beside the bundle, which may lie in a folder that is
 * not its own. What runs for long starts once, and keeps nothing.
 */
import { enableCompileCache } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledFolder } from './compiled-folder.ts';

/** The file with `larder nomad convert`, named after what is in it; the bundle's builder says it. */
declare const CONVERT_SCRIPT: string;

const [word = '', verb = ''] = process.argv.slice(2);
const { NODE_COMPILE_CACHE: given, NODE_DISABLE_COMPILE_CACHE: none } = process.env;

if (/^(up|operator|ledger serve)( |$)/.test(`${word} ${verb}`)) {
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1'); // bin/start.js says why
  await everyCommand();
} else if (word === 'nomad' && verb === 'convert') {
  await convert();
} else {
  const folder = given === undefined ? compiledFolder(process.env) : undefined;
  if (folder !== undefined) enableCompileCache(folder);
  await everyCommand();
}

async function everyCommand(): Promise<void> {
  const { main } = await import('../../src/cli/main.ts');
  await main();
}

async function convert(): Promise<void> {
  const { keptScript } = await import('./kept-script.ts');
  const path = fileURLToPath(new URL(CONVERT_SCRIPT, import.meta.url));
  const folder = none ? undefined : (given ?? compiledFolder(process.env));
  const kept = folder && join(folder, `${basename(path)}-${process.version}-${process.arch}`);
  const script = keptScript(path, kept || undefined);
  const { main } = Object(script.exports);
  await main();
  // what only shows its help, or was called wrongly, has compiled too little to be worth it
  if (process.exitCode !== 2 && !process.argv.some((each) => each === '-h' || each === '--help')) script.keep();
}
