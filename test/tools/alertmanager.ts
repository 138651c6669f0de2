/** A real Alertmanager for tests, as a process of its own on loopback, with its data in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePorts } from './control-plane/ports.ts';
import { startServer, stopServer } from './control-plane/server.ts';
import { pathOf } from './run-tool.ts';

/** Its address, without a slash at its end. `config`: JSON is YAML. It ends with the test. */
export async function alertmanagerFor(t: TestContext, config: object, flags: readonly string[] = []): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-alertmanager-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'alertmanager.yaml'), JSON.stringify(config));
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = await startServer({
    name: 'alertmanager',
    path: await pathOf('alertmanager'),
    flags: [
      '--config.file=alertmanager.yaml',
      '--storage.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=', // talks to no other
      ...flags,
    ],
    folder,
    health: { url: `${url}/-/ready`, token: '' },
  });
  t.after(() => stopServer(child, 'SIGKILL'));
  return url;
}
