/** How long `/healthz` takes, and a server of Node that does nothing else, asked in turns by a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Milliseconds of each answer. */
export interface Answers {
  readonly operator: readonly number[];
  readonly plain: readonly number[];
}

const PLAIN = `const server = require('node:http').createServer((_request, answer) => answer.end('ok'));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().once('end', () => process.exit());`;

/** Asks until `stop`, which rejects when any answer was another than 200. `operator`: any address of its console. */
export async function watchHealth(operator: URL): Promise<{ stop(): Promise<Answers> }> {
  const plain = spawn(process.execPath, ['-e', PLAIN], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port]: string[] = await once(createInterface({ input: plain.stdout }), 'line');
  const addresses = [new URL('/healthz', operator).href, `http://127.0.0.1:${port}/`];
  const asker = spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'asker.ts'),
    ...addresses,
  ]);
  const taken: readonly number[][] = [[], []];
  let said = '';
  asker.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  createInterface({ input: asker.stdout }).on('line', (line) => {
    const [number, ms] = line.split(' ').map(Number);
    taken[number ?? 0]?.push(ms ?? Number.NaN);
  });
  return {
    async stop() {
      const code = await end(asker);
      await end(plain);
      if (code !== 0) throw new Error(`/healthz: ${said}`);
      const [own = [], other = []] = taken;
      return { operator: own, plain: other };
    },
  };
}

/** Both end with their input. */
async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }
  return child.exitCode;
}
