/**
 * The entry of the bundle, as bin/start.js is that of the checkout. What a command has compiled is kept for the next one in
 * the cache folder of the user, or where NODE_COMPILE_CACHE says; never beside the bundle, which may lie in a folder that is
 * not its own. What runs for long starts once, and keeps nothing.
 */
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { compiledFolder } from './compiled-folder.ts';

setFlagsFromString('--semi-space-growth-factor=1'); // bin/start.js says why

if (process.env['NODE_COMPILE_CACHE'] === undefined && !['operator', 'up'].includes(process.argv[2] ?? '')) {
  const folder = compiledFolder(process.env);
  if (folder !== undefined) enableCompileCache(folder);
}

const { main } = await import('../../src/cli/main.ts');
await main();
