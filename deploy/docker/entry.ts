/**
 * The entry of the bundle, as bin/start.js is that of the checkout. What a command has compiled is kept for the next one in
 * the cache folder of the user, or where NODE_COMPILE_CACHE says; never beside the bundle, which may lie in a folder that is
 * not its own. What runs for long starts once, and keeps nothing.
 */
import { setPace } from '../../src/cli/nomad/pace.ts';
import { compiledFolder } from './compiled-folder.ts';
import { keptScript } from './kept-script.ts';

// kept-script.ts says why these are not imported
const { basename, join } = process.getBuiltinModule('node:path');

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
  if (folder !== undefined) process.getBuiltinModule('node:module').enableCompileCache(folder);
  await everyCommand();
}

async function everyCommand(): Promise<void> {
  const { main } = await import('../../src/cli/main.ts');
  await main();
}

async function convert(): Promise<void> {
  const path = join(import.meta.dirname, CONVERT_SCRIPT);
  const folder = none ? undefined : (given ?? compiledFolder(process.env));
  const kept = folder && join(folder, `${basename(path)}-${process.version}-${process.arch}`);
  const script = keptScript(path, kept || undefined);
  loadForScript();
  setPace('short');
  try {
    const { main } = Object(script.run());
    await main();
  } finally {
    setPace('usual');
  }
  // what only shows its help, or was called wrongly, has compiled too little to be worth it
  if (process.exitCode !== 2 && !process.argv.some((each) => each === '-h' || each === '--help')) script.keep();
  // all was said: nothing is put away piece by piece that ends with the process
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}

/** What the script asks of Node in any case: after V8's flags have changed it would be compiled anew, as src/cli/nomad/pace.ts says. */
function loadForScript(): void {
  Reflect.get(process, 'stdout');
  Reflect.get(process, 'stderr');
  process.getBuiltinModule('node:net');
}
