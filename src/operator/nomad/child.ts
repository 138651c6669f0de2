/**
 * The entry point of the process of one conversion: the request on stdin, the answer packed on stdout, then its end. It may
 * read its own code and nothing else, write nothing, start nothing, and has no environment: jobs are somebody else's text.
 */
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { convertFiles } from './convert-files.ts';

const converted = await convertFiles(await text(process.stdin));
process.stdout.write(gzipSync(JSON.stringify(converted.kind === 'converted' ? converted.answer : converted)));
// Tells what stdout holds: an answer, or why there is none.
process.exitCode = converted.kind === 'converted' ? 0 : 3;
