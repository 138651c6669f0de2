/**
 * Programs on the nodes, by ssh: for what is looked at every moment, where a play would take longer than what it measures.
 * The pinned host keys count and no others; the script comes by stdin, so that no list of processes has it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../telemetry/clock.ts';
import { knownHosts } from '../inventory/known-hosts.ts';
import { hostKeyTrouble } from '../run/host-key.ts';
import { ownPrefix, sweepRooms } from '../run/left-rooms.ts';
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';

export interface NodeShellOptions {
  readonly spec: ClusterSpec;
  readonly privateKey?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

export type Answered =
  | { readonly kind: 'ended'; readonly code: number; readonly output: string; readonly said: string }
  /** It was not reached, or did not answer in time. */
  | { readonly kind: 'silent'; readonly why: string };

export interface NodeShell extends Disposable {
  /** As root. */
  run(node: NodeSpec, program: 'sh' | 'python3', script: string, limitMs?: number): Promise<Answered>;
}

const LIMIT_MS = 20_000;
/** ssh's own, where it could not reach the host or the connection broke. */
const SSH_FAILED = 255;

export function nodeShell(options: NodeShellOptions): NodeShell {
  sweepRooms(tmpdir(), options.clock.now());
  const folder = mkdtempSync(join(tmpdir(), ownPrefix('ssh'))); // for this user alone
  writeFileSync(join(folder, 'known_hosts'), knownHosts(options.spec), { mode: 0o600 });
  return {
    run: (node, program, script, limitMs = LIMIT_MS) =>
      answered({ ...options, folder }, { node, program, script, limitMs }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Place extends NodeShellOptions {
  readonly folder: string;
}

interface Call {
  readonly node: NodeSpec;
  readonly program: 'sh' | 'python3';
  readonly script: string;
  readonly limitMs: number;
}

function answered(place: Place, { node, program, script, limitMs }: Call): Promise<Answered> {
  // Ctrl-C at a terminal goes to its whole group: ssh is in another, so that what puts a node back is not cut off.
  const child = spawn('ssh', words(place, node, program), {
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  return new Promise((done) => {
    let output = '';
    let said = '';
    const timer = place.clock.after(limitMs, () => {
      child.kill('SIGKILL');
      done({ kind: 'silent', why: `no answer within ${limitMs / 1000} s` });
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stdin.on('error', () => undefined); // it ended before it had read all: its end is told below
    child.once('error', (cause) => {
      timer.cancel();
      done({ kind: 'silent', why: `ssh cannot be run: ${cause.message}` });
    });
    child.once('close', (code) => {
      timer.cancel();
      if (code !== SSH_FAILED && code !== null) return done({ kind: 'ended', code, output, said: said.trim() });
      done({ kind: 'silent', why: hostKeyTrouble(place.spec, node.name, said) ?? (said.trim() || 'ssh ended') });
    });
    child.stdin.end(script);
  });
}

function words({ folder, privateKey }: Place, { address, ssh }: NodeSpec, program: string): readonly string[] {
  const options = [
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile="${folder}/known_hosts"`,
    'GlobalKnownHostsFile=/dev/null',
    'BatchMode=yes',
    'ConnectTimeout=5',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=2',
    // One connection for many looks; it ends by itself soon after the last.
    'ControlMaster=auto',
    `ControlPath=${folder}/%C`,
    'ControlPersist=20s',
  ];
  return [
    ...options.flatMap((option) => ['-o', option]),
    ...(privateKey === undefined ? [] : ['-i', privateKey]),
    ...['-p', String(ssh.port), '-l', ssh.user, address],
    `sudo -n ${program === 'sh' ? 'sh -eu -s' : 'python3 -'}`,
  ];
}
