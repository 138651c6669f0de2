/**
 * The entry of the process, on the Node from npm. Compiled code is kept between starts: Node then neither compiles the
 * sources nor loads what strips their types, which costs 35 MB in every process (so this file is plain JavaScript, and
 * the exports' processes inherit the variable). A folder that cannot be written only means a slower start.
 *
 * Of what runs for long, the part of the heap where objects are born stays as small as it begins: V8 lets it grow in a
 * burst and keeps what it then has, 100 MB after 3,000 claims, to save a sixth of the processor's time. A short command does
 * without: after any change of its flags V8 refuses the compiled code that Node's own modules come with, and they cost
 * 20 ms more.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

if (/^(up|operator|ledger serve)( |$)/.test(process.argv.slice(2, 4).join(' '))) {
  process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
}

process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/larder', import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);

const { main } = await import('../src/cli/main.ts');
setImmediate(flushCompileCache); // a server that is killed writes nothing at its end
await main();
