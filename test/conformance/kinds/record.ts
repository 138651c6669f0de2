/**
 * Writes what a server answers to everything that the suite does with a kind, from the server that
 * LARDER_CONFORMANCE_URL, _TOKEN and _CA name, which should be a real one:
 *
 *   node test/conformance/kinds/record.ts [CASE...]
 */
import { randomBytes } from 'node:crypto';
import { connectToGiven } from '../target.ts';
import { kindCases } from './cases.ts';
import { recordDiscovery } from './discovery.ts';
import { record as recordProtobuf } from './protobuf.ts';
import { transcribe } from './transcript.ts';
import { writeVector } from './vector.ts';

const wanted = process.argv.slice(2);
const { api, close } = connectToGiven();
try {
  const namespace = await api.namespace();
  for (const [name, kindCase] of Object.entries(kindCases)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const word = `run${randomBytes(4).toString('hex')}`;
    const transcript = await transcribe({ api, namespace, word }, name, kindCase);
    writeVector(name, transcript);
    console.log(`${name}: ${Object.keys(transcript).length} answers`);
  }
  if (wanted.length === 0) {
    console.log(`protobuf: ${await recordProtobuf(api)} bodies`);
    console.log(`discovery: ${await recordDiscovery(api)} kinds`);
  }
} finally {
  await close();
}
