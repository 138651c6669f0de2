/**
 * Kubelets without machines: the HTTPS port of each node of a cluster, with the Summary API and the metrics of volumes
 * that grow as a script says, and every way of failing that a test asks for. All in this process, on loopback.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTls, type Server as TlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MountedUsage, renderMetrics, renderSummary } from '../../src/embedded/nodes/summary.ts';
import { type KeyPair, makeAuthority, signServer } from '../../src/kube/certificate.ts';

export interface VolumeState {
  readonly namespace: string;
  readonly claim: string;
  readonly capacityBytes: bigint;
  readonly usedBytes: bigint;
  /** Absent: the filesystem counts none. */
  readonly inodes?: { readonly total: bigint; readonly used: bigint };
}

export type Behaviour =
  | { readonly kind: 'well' }
  | { readonly kind: 'status'; readonly code: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Closes the connection in the middle of the body. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'spoiled'; spoil(body: string, path: string): string };

export interface FakeNode {
  readonly name: string;
  readonly port: number;
  behaviour: Behaviour;
  /** What it mounts; a script answers by the moment that it is measured at, epoch ms. */
  volumes: (at: number) => readonly VolumeState[];
  /** Paths that were asked for with a token that is good, in order. */
  readonly asked: readonly string[];
  /** Of `performance.now()`; 0 before the first question. */
  readonly lastAskedMs: number;
}

export interface FakeKubelets {
  /** PEM file that signs the certificates of all nodes but the foreign ones. */
  readonly authorityFile: string;
  readonly tokenFile: string;
  /** Every `authorization` header that came in, on whichever port. */
  readonly tokens: ReadonlySet<string>;
  /** `foreign`: its certificate is signed by somebody else. */
  add(name: string, options?: { readonly foreign?: boolean }): Promise<FakeNode>;
  /** Changes the token that is accepted, and the file. */
  rotate(token: string): void;
  close(): Promise<void>;
}

export interface FakeKubeletsOptions {
  /** How often volumes are measured, milliseconds: between two measurements all answers are alike. Default 0: at each question. */
  readonly lagMs?: number;
  /** Epoch ms; default the real time. */
  readonly now?: () => number;
}

const HOUR_MS = 3_600_000;

export async function startKubelets({ lagMs = 0, now = Date.now }: FakeKubeletsOptions = {}): Promise<FakeKubelets> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-kubelets-'));
  const validity = { from: Date.now() - HOUR_MS, until: Date.now() + 24 * HOUR_MS };
  const authority = await makeAuthority('kubelets', validity);
  const stranger = await makeAuthority('somebody-else', validity);
  const authorityFile = join(folder, 'ca.crt');
  const tokenFile = join(folder, 'token');
  writeFileSync(authorityFile, authority.certificate);
  const nodes = new Map<number, FakeNode & { asked: string[]; lastAskedMs: number }>();
  const tokens = new Set<string>();
  const state = { token: 'first-token' };
  const rotate = (token: string): void => {
    state.token = token;
    writeFileSync(tokenFile, `${token}\n`);
  };
  rotate(state.token);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization = '' } = request.headers;
    tokens.add(authorization);
    const node = nodes.get(request.socket.localPort ?? 0);
    if (!node || authorization !== `Bearer ${state.token}`) {
      response.writeHead(401).end('Unauthorized');
      return;
    }
    const path = request.url ?? '';
    node.asked.push(path);
    node.lastAskedMs = performance.now();
    const at = lagMs === 0 ? now() : Math.floor(now() / lagMs) * lagMs;
    answer(response, node, { path, at });
  };
  const names = { name: 'kubelet', hosts: ['127.0.0.1'] };
  const known = tlsServer(await signServer(authority, names, validity), handle);
  const foreign = tlsServer(await signServer(stranger, names, validity), handle);
  const listeners: Server[] = [];
  const sockets = new Set<Socket>();
  return {
    authorityFile,
    tokenFile,
    tokens,
    rotate,
    async add(name, options = {}) {
      const tls = options.foreign ? foreign : known;
      const listener = createServer((socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        tls.emit('connection', socket);
      });
      const port = await listening(listener);
      listeners.push(listener);
      const node = { name, port, behaviour: { kind: 'well' } as const, volumes: () => [], asked: [], lastAskedMs: 0 };
      nodes.set(port, node);
      return node;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It listens nowhere itself: connections of all ports are handed to it. */
function tlsServer(
  { certificate: cert, key }: KeyPair,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): TlsServer {
  const server = createTls({ cert, key, keepAliveTimeout: 90_000 }, handle);
  server.on('tlsClientError', () => undefined); // a client that does not trust us goes away
  return server;
}

function listening(listener: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = listener.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

interface Question {
  readonly path: string;
  /** When what is told was measured. */
  readonly at: number;
}

function answer(response: ServerResponse, node: FakeNode, question: Question): void {
  const { behaviour } = node;
  switch (behaviour.kind) {
    case 'well':
      send(response, bodyOf(node, question));
      return;
    case 'status':
      response.writeHead(behaviour.code).end('not now');
      return;
    case 'hang':
      return;
    case 'slow':
      setTimeout(() => send(response, bodyOf(node, question)), behaviour.ms);
      return;
    case 'cut':
      cut(response, bodyOf(node, question) ?? '');
      return;
    case 'spoiled': {
      const body = bodyOf(node, question);
      send(response, body === undefined ? undefined : behaviour.spoil(body, question.path));
      return;
    }
    default:
      behaviour satisfies never;
  }
}

/** Undefined: not found. */
function bodyOf({ name, volumes }: FakeNode, { path, at }: Question): string | undefined {
  const usages = volumes(at).map((volume): MountedUsage => {
    const { namespace, claim, capacityBytes, usedBytes, inodes } = volume;
    return {
      pod: { namespace, name: `${claim}-pod`, uid: `${namespace}-${claim}` },
      volume: 'data',
      claim: { namespace, name: claim },
      capacityBytes,
      usedBytes,
      inodes: inodes?.total ?? 0n,
      inodesUsed: inodes?.used ?? 0n,
      inodesFree: inodes ? inodes.total - inodes.used : 0n,
      at,
    };
  });
  if (path === '/stats/summary') return renderSummary(name, new Date(0).toISOString(), usages);
  return path === '/metrics' ? renderMetrics(usages) : undefined;
}

function send(response: ServerResponse, body: string | undefined): void {
  if (body === undefined) response.writeHead(404).end('404 page not found');
  else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(body);
}

function cut(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}
