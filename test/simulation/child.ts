/**
 * The process of an export as the supervisor starts it: the product's own operations behind the product's own protocol,
 * on simulated time and a file system in memory. A process that is killed while the export hangs does not end before the
 * export lets it, and what it was doing may still be done.
 */

import { problem } from '../../src/provision/directory/problem.ts';
import { createOperations } from '../../src/provision/export/operations.ts';
import {
  formatLine,
  isMalformed,
  parseRequest,
  type Request,
  type Result,
} from '../../src/provision/export/protocol.ts';
import type { ChildFactory } from '../../src/provision/export/spawn.ts';
import { mount } from './descriptor.ts';
import type { ExportFs } from './export-fs.ts';
import type { Host, Scheduler } from './scheduler.ts';
import type { Server } from './server.ts';

export interface ChildrenOptions {
  readonly scheduler: Scheduler;
  readonly fs: ExportFs;
  readonly server: Server;
  /** The process that starts them; its end closes their input, which ends them. */
  readonly parent: Host;
  readonly local: boolean;
}

export interface Children {
  readonly factory: ChildFactory;
  /** Those that have not been killed. */
  readonly living: () => readonly Host[];
}

export function createChildren({ scheduler, fs, server, parent, local }: ChildrenOptions): Children {
  const hosts = new Set<Host>();
  let count = 0;

  const factory: ChildFactory = ({ onLine, onExit }) => {
    count += 1;
    const host = scheduler.host(`${parent.name}/child${count}`);
    host.stepWall(parent.clock.now() - host.clock.now()); // of one machine
    hosts.add(host);
    fs.serve(host, server);
    const root = mount({ fs, server, host, local });

    const output = pipe(parent, 'reads an answer', (line) => {
      if (host.alive) onLine(line); // the parent closed its end when it killed
    });
    const perform = createOperations(host.clock);
    const serve = async (line: string): Promise<void> => {
      const request = parseRequest(line);
      if (isMalformed(request)) {
        const result = problem('unexpected', `refused: ${request.reason}`);
        if (request.id !== undefined) output(formatLine({ id: request.id, result }));
        return;
      }
      const result: Result = await perform(mounted(request, root).operation);
      await host.park('answers');
      output(formatLine({ id: request.id, result }));
    };
    const input = pipe(host, 'reads a request', (line) => void serve(line));
    const end = async (): Promise<void> => {
      hosts.delete(host);
      await fs.letGo(host);
      await parent.park('notices an exit');
      onExit('killed by SIGKILL');
    };
    host.onKill(() => void end());
    parent.onKill(
      () =>
        void scheduler
          .host(`${host.name}/end`)
          .park('input ends')
          .then(() => host.kill()),
    );
    return {
      pid: count,
      send: input,
      kill: () => host.kill(),
    };
  };
  return { factory, living: () => [...hosts] };
}

/** A child finds the export where it is mounted for it. */
function mounted(request: Request, root: string): Request {
  const { operation } = request;
  return operation.kind === 'open' ? { ...request, operation: { ...operation, root } } : request;
}

/** Lines arrive in the order in which they were written, each a step of the reader. */
function pipe(reader: Host, what: string, take: (line: string) => void): (line: string) => void {
  let last = Promise.resolve();
  return (line) => {
    last = last.then(() => reader.park(what)).then(() => take(line));
  };
}
