/**
 * The entry of the bundle, as bin/start.js is that of the checkout. Compiled code is kept only where NODE_COMPILE_CACHE
 * says so: an image is read-only, and a bundle may lie in a folder that is not its own.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1'); // bin/start.js says why

const { main } = await import('../../src/cli/main.ts');
await main();
