/** One thing done to the ledger of a folder: `disk.fixture.ts ROOT start|append|verify NAME`. Says what came of it in a line of JSON. */
import { incident, openLedger, startLedger } from './site.ts';

const [root = '', what = '', name = ''] = process.argv.slice(2);

async function outcome(): Promise<unknown> {
  if (what === 'start') return { records: (await startLedger(root)).records.length };
  const ledger = await openLedger(root);
  if (what === 'verify') {
    const { kind, findings, counts } = await ledger.verify();
    return { kind, records: counts.records, findings: findings.map((finding) => finding.kind) };
  }
  const artifacts = [{ folder: 'web', name: 'kubectl.diff', content: Buffer.alloc(60_000, `${name}\n`) }];
  const { kind } = await ledger.append({ event: incident(name), artifacts });
  return { kind, records: ledger.records.length };
}

try {
  process.stdout.write(`${JSON.stringify(await outcome())}\n`);
} catch (cause) {
  const said =
    cause instanceof Error ? { code: 'code' in cause ? cause.code : '', message: cause.message } : String(cause);
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
