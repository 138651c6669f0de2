/** `npm run bench -- NAME [ARGUMENT…]`: runs `run()` of bench/NAME.ts and prints what it measured. */
import { join } from 'node:path';
import { benchNames } from './names.ts';
import { type BenchReport, machine, tableOf, versions } from './report.ts';

/** What a bench exports. */
interface Bench {
  /** Gets the words after the bench's name. */
  run(args: readonly string[]): Promise<BenchReport>;
}

async function bench([name, ...args]: readonly string[]): Promise<number> {
  const known = benchNames();
  if (name === undefined || !known.includes(name)) {
    const said = name === undefined ? 'name a bench' : `no bench ${name}`;
    process.stderr.write(`${said}; there are ${known.join(', ')}. Example: npm run bench -- ${known[0]}\n`);
    return 2;
  }
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/larder'); // as bin/start.js does
  const { run }: Bench = await import(`./${name}.ts`);
  const begun = performance.now();
  const report = await run(args);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const on = machine();
  const said = { bench: name, ...report, seconds, machine: on, versions: versions() };
  process.stdout.write(`${report.about}\n${on.cpu}, ${on.cores} cores, ${on.memoryGiB} GiB, Linux ${on.kernel}\n`);
  for (const note of report.notes ?? []) process.stdout.write(`${note}\n`);
  process.stdout.write(`${tableOf(report)}\n${JSON.stringify(said)}\n`);
  const missed = report.rows.filter(({ bar }) => bar?.met === false);
  for (const { what, bar } of missed) process.stderr.write(`missed: ${what}: ${bar?.text}\n`);
  return missed.length === 0 ? 0 : 1;
}

process.exitCode = await bench(process.argv.slice(2));
