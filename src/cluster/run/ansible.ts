/**
 * Plays a playbook, and tells what happens while it does. Ansible runs in a process group of its own without a terminal; it
 * ends with this process, however that ends, so that a run that is resumed never meets the one before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../../kube/error.ts';
import { maskText } from '../../ledger/secret/scan.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { shippedFolder } from '../shipped-folder.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { ansibleFolder, ansibleProgram } from './ansible-folder.ts';
import { type PlayRoom, playRoom } from './play-room.ts';
import { lineReader, parseRunEvent, type Recap, type RunEvent, type TaskResult } from './run-event.ts';
import { type PlayConnections, sshConnections } from './ssh-connections.ts';

export interface AnsiblePlay {
  /** The folder of cluster.yaml. */
  readonly repository: string;
  readonly spec: ClusterSpec;
  /** Of the cluster, in the repository. */
  readonly file?: string;
  readonly playbook: string;
  readonly limit?: readonly string[];
  /** Says what would change, and changes nothing. */
  readonly check?: boolean;
  /** No secrets: those come with the inventory. `larder_repository` comes by itself. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Values that nothing may repeat. Where there are any, the inventory reveals them to the roles. */
  readonly secrets: readonly string[];
  /** ssh's own choice without it. */
  readonly privateKey?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly onEvent?: (event: RunEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Seen {
  readonly hosts: Readonly<Record<string, Recap>>;
  readonly results: readonly TaskResult[];
  /** As Ansible prints it, without secrets. */
  readonly log: string;
}

export type Played =
  /** `error`: Ansible itself could not go on, as with a playbook that is none. */
  | (Seen & { readonly kind: 'played'; readonly code: 'ok' | 'failed' | 'unreachable' | 'error' })
  | { readonly kind: 'unavailable'; readonly reason: string }
  | (Seen & { readonly kind: 'interrupted' });

/** Time for a play that was told to stop. */
const GRACE_MS = 8_000;
const LOG_AT_MOST = 16 * 1024 * 1024;

/**
 * A watch beside Ansible: at the end of its input, which comes with the end of this process however that ends, it kills
 * everything that Ansible began (its workers are in sessions of their own); a line of input says that all is well. Each is
 * stopped before its children are looked for: one that still runs begins others meanwhile, and those would play on.
 */
const WATCH =
  'read -r _ && exit; tree() { [ "$1" = $$ ] && return; kill -STOP "$1"; echo "$1"; for each in $(pgrep -P "$1"); do tree "$each"; done; }; for each in $(tree "$1"); do kill -KILL "$each"; done';
/** Ansible takes the place of the shell. */
const TIED = 'watch=$1; shift; /bin/sh -c "$watch" watch $$ <&4 >/dev/null 2>&1 3>&- & exec 4<&-; exec "$@"';

export async function playAnsible(play: AnsiblePlay): Promise<Played> {
  // To Ansible an empty limit is none at all.
  if (play.limit?.length === 0) return { kind: 'unavailable', reason: `${play.playbook} would be played on no host` };
  const folder = ansibleFolder(play.repository);
  if (folder.kind === 'missing') return { kind: 'unavailable', reason: folder.reason };
  const program = ansibleProgram(play.repository, play.env);
  if (program.kind === 'missing') return { kind: 'unavailable', reason: program.reason };
  if (play.signal?.aborted) return { kind: 'interrupted', hosts: {}, results: [], log: '' };
  const file = resolve(play.repository, play.file ?? 'cluster.yaml');
  const secrets = play.secrets.length > 0 && play.spec.secrets !== undefined;
  const variables = { ...play.variables, larder_repository: resolve(play.repository) };
  using room = playRoom({ spec: play.spec, file, secrets, variables, clock: play.clock });
  const child = spawn('/bin/sh', ['-c', TIED, 'sh', WATCH, program.path, ...words(play, room)], {
    cwd: folder.path,
    env: environment(play, { folder: folder.path, file, connections: room }),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  return await watched(child, play); // the room is needed until then
}

function words(play: AnsiblePlay, { inventory, variables }: PlayRoom): readonly string[] {
  const { playbook, limit, check, privateKey } = play;
  return [
    ...['--inventory', inventory],
    ...(limit === undefined ? [] : ['--limit', limit.join(',')]),
    ...(check ? ['--check', '--diff'] : []),
    ...(privateKey === undefined ? [] : ['--private-key', privateKey]),
    ...['--extra-vars', `@${variables}`],
    `playbooks/${playbook}`,
  ];
}

interface Surroundings {
  readonly folder: string;
  readonly file: string;
  readonly connections: PlayConnections;
}

/** What a person has set for Ansible counts, but for what keeps a play safe and readable. */
function environment({ env }: AnsiblePlay, { folder, file, connections }: Surroundings): NodeJS.ProcessEnv {
  const isUtf8 = /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
  const { ANSIBLE_LOG_PATH: _unscrubbed, ...own } = env;
  return {
    ...own,
    ...(isUtf8 ? {} : { LC_ALL: 'C.UTF-8' }), // Ansible starts with no other
    ANSIBLE_CONFIG: `${folder}/ansible.cfg`,
    // Of this Larder, whatever the repository has: both ends of the stream belong together.
    ANSIBLE_CALLBACK_PLUGINS: join(shippedFolder('ansible') ?? folder, 'plugins', 'callback'),
    ANSIBLE_STDOUT_CALLBACK: 'default',
    ANSIBLE_NOCOLOR: '1',
    ANSIBLE_FORCE_COLOR: '0',
    ANSIBLE_HOST_KEY_CHECKING: 'True',
    ...sshConnections(connections),
    // An inventory that cannot be had is a failure, and not a play on no host.
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'True',
    // Nothing is left in the folder of the playbooks, which is in git.
    PYTHONDONTWRITEBYTECODE: '1',
    LARDER_CLUSTER: file,
    LARDER_EVENTS: '3',
  };
}

async function watched(child: ChildProcess, play: AnsiblePlay): Promise<Played> {
  const hosts: Record<string, Recap> = {};
  const results: TaskResult[] = [];
  const log: string[] = [];
  let size = 0;
  const keep = (text: string): void => {
    size += text.length;
    if (size <= LOG_AT_MOST) log.push(text);
  };
  reading(child.stdio[1], keep);
  reading(child.stdio[2], keep);
  const onLine = lineReader((line) => {
    const event = parseRunEvent(line);
    if (event === undefined) return;
    const clean = scrubbed(event, play.secrets);
    if (clean.event === 'result') results.push(clean);
    if (clean.event === 'recap') Object.assign(hosts, clean.hosts);
    play.onEvent?.(clean);
  });
  reading(child.stdio[3], onLine);
  const { code, failure, interrupted } = await ended(child, play);
  const seen = { hosts, results, log: maskText(log.join(''), play.secrets) };
  if (failure !== undefined) return { kind: 'unavailable', reason: failure };
  return interrupted ? { kind: 'interrupted', ...seen } : { kind: 'played', code: meaningOf(code), ...seen };
}

/** Bits: 2 a host failed, 4 one was not reached, 8 that ended the play for all. Everything else is Ansible's own trouble. */
function meaningOf(code: number): 'ok' | 'failed' | 'unreachable' | 'error' {
  if (code === 0) return 'ok';
  if (code % 2 === 1 || code < 0 || code > 14) return 'error';
  return (code & 2) === 0 && (code & 4) !== 0 ? 'unreachable' : 'failed';
}

function scrubbed(event: RunEvent, secrets: readonly string[]): RunEvent {
  if (event.event !== 'result') return event;
  const { message, diff } = event;
  return {
    ...event,
    ...(message === undefined ? {} : { message: maskText(message, secrets) }),
    ...(diff === undefined ? {} : { diff: maskText(diff, secrets) }),
  };
}

function reading(stream: unknown, each: (text: string) => void): void {
  if (!isReadable(stream)) return;
  stream.setEncoding('utf8');
  stream.on('data', each);
  stream.on('error', () => undefined); // it ended with the process: the exit code says how
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'setEncoding' in stream;
}

interface Ended {
  readonly code: number;
  /** It could not be started. */
  readonly failure?: string;
  readonly interrupted: boolean;
}

function ended(child: ChildProcess, { clock, signal }: AnsiblePlay): Promise<Ended> {
  return new Promise((done) => {
    let interrupted = false;
    const watch = child.stdio[4];
    const stop = (): void => {
      interrupted = true;
      interrupt(child);
      clock.after(GRACE_MS, () => watch?.destroy());
    };
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (end: Omit<Ended, 'interrupted'>): void => {
      signal?.removeEventListener('abort', stop);
      done({ ...end, interrupted });
    };
    child.on('error', (cause) => settle({ code: -1, failure: messageOf(cause) }));
    child.on('exit', () => {
      if (isWritable(watch)) watch.end('\n');
    });
    child.on('close', (code) => settle({ code: code ?? -1 }));
  });
}

/** As Ctrl-C does: Ansible ends what it began. */
function interrupt({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGINT');
  } catch {
    return; // it has ended meanwhile
  }
}

function isWritable(stream: unknown): stream is Writable {
  return typeof stream === 'object' && stream !== null && 'end' in stream;
}

const WORDS_AT_MOST = 700;

/** Of a log that says why Ansible itself could not go on: its beginning has the cause, its end the last word. */
export function excerpt(log: string): string {
  const text = log.trim();
  if (text.length <= 2 * WORDS_AT_MOST) return text;
  return `${text.slice(0, WORDS_AT_MOST)}\n…\n${text.slice(-WORDS_AT_MOST)}`;
}
