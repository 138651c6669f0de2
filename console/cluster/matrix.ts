/** Nodes and what is checked of each: what runs beside what should, in cells that say in a word how that stands. Pure. */
import type { CertificatesAnswer, NodesAnswer, WantedNode } from '../../src/cluster/sight/answer.ts';
import type { LiveNode } from '../../src/cluster/sight/live-node.ts';
import type { ClusterRecords, RecordedFinding, RecordedNode } from '../../src/ledger/cluster-records.ts';
import type { StateLook } from '../words/state.ts';
import { certificateTone, exactTimeLeft, timeLeft } from './certificate.ts';
import { mostOf } from './release.ts';

export interface Cell {
  readonly text: string;
  readonly tone: 'ok' | 'warn' | 'danger' | 'quiet' | 'plain';
  readonly shape?: StateLook['shape'];
  readonly below?: string;
  /** For the pointer that stays. */
  readonly title?: string;
}

export interface MatrixRow {
  readonly name: string;
  readonly role: string;
  readonly state: Cell;
  /** Epoch ms, of a state that is not as it should be. */
  readonly stateSince?: number;
  readonly release: Cell;
  readonly system: Cell;
  readonly certificate: Cell;
  readonly pressure: Cell;
  readonly etcd: Cell;
  /** Findings of the last report that count. */
  readonly drift: Cell;
  /** Epoch ms of the end of the last run that built it. */
  readonly builtAt: number | undefined;
  readonly built: Cell;
}

export interface MatrixFacts {
  readonly nodes: NodesAnswer;
  /** Absent: not there yet, or not to be seen. */
  readonly certificates?: CertificatesAnswer | undefined;
  readonly records?: ClusterRecords | undefined;
}

const nothing: Cell = { text: '—', tone: 'quiet' };

/** Those that are wanted and missing come first. `now`: epoch ms. */
export function matrixOf(facts: MatrixFacts, now: number): readonly MatrixRow[] {
  const { nodes, wanted } = facts.nodes;
  const listed = wanted.kind === 'known' ? wanted.value.nodes : [];
  const missing = listed.filter(({ node }) => !nodes.some(({ name }) => name === node));
  return [
    ...missing.map((node) => missingRow(node, facts)),
    ...nodes.map((node) => liveRow(node, { facts, now, wanted: listed.find((each) => each.node === node.name) })),
  ];
}

function missingRow({ node, name, role, hardware }: WantedNode, { records }: MatrixFacts): MatrixRow {
  const title = `${name} is in cluster.yaml and is no node of the cluster`;
  return {
    name: node,
    role: [roleWord(role), hardware].filter((word) => word !== '').join(', '),
    state: { text: 'missing', tone: 'danger', shape: 'triangle', title },
    ...{ release: nothing, system: nothing, certificate: nothing, pressure: nothing, etcd: nothing },
    drift: driftCell(node, records),
    ...builtOf(node, records),
  };
}

interface LiveFacts {
  readonly facts: MatrixFacts;
  readonly now: number;
  readonly wanted: WantedNode | undefined;
}

function liveRow(node: LiveNode, { facts, now, wanted }: LiveFacts): MatrixRow {
  const { name, kernel, osImage, architecture, pressures } = node;
  const inFile = facts.nodes.wanted.kind === 'known';
  return {
    name,
    role: roleOf(node, wanted),
    ...(node.ready === 'ready' || node.readySince === undefined ? {} : { stateSince: node.readySince }),
    state: withBelow(stateCell(node), inFile && !wanted ? 'not in cluster.yaml' : ''),
    release: releaseCell(node, facts.nodes),
    system: kernel === '' && osImage === '' ? nothing : systemCell({ kernel, osImage, architecture }),
    certificate: certificateCell(name, facts.certificates, now),
    pressure:
      pressures.length === 0
        ? { text: 'none', tone: 'quiet' }
        : { text: pressures.join(', '), tone: 'danger', shape: 'triangle' },
    etcd: node.etcd === '' ? nothing : etcdCell(node.etcd),
    drift: driftCell(name, facts.records),
    ...builtOf(name, facts.records),
  };
}

function roleWord(role: WantedNode['role']): string {
  return role === 'server-agent' ? 'server' : 'worker';
}

function roleOf({ roles }: LiveNode, wanted: WantedNode | undefined): string {
  const words = roles.length === 0 ? ['worker'] : roles;
  return [...words, ...(wanted && wanted.hardware !== '' ? [wanted.hardware] : [])].join(', ');
}

function stateCell({ ready, readyWhy, isCordoned }: LiveNode): Cell {
  const why = readyWhy === '' ? {} : { below: readyWhy };
  switch (ready) {
    case 'not ready':
      return { text: 'not ready', tone: 'danger', shape: 'square', ...why };
    case 'unknown':
      return { text: 'silent', tone: 'danger', shape: 'dashed', ...why };
    case 'ready':
      return isCordoned
        ? { text: 'cordoned', tone: 'warn', shape: 'bars', title: 'it is ready, and takes no new pods' }
        : { text: 'ready', tone: 'ok', shape: 'circle' };
    default:
      return ready satisfies never;
  }
}

function withBelow(cell: Cell, more: string): Cell {
  const below = [more, cell.below ?? ''].filter((word) => word !== '').join('; ');
  return below === '' ? cell : { ...cell, below };
}

function releaseCell({ release }: LiveNode, { nodes, wanted }: NodesAnswer): Cell {
  if (release === '') return nothing;
  const written = wanted.kind === 'known' ? wanted.value.release : '';
  const should = written === '' ? mostOf(nodes.map((node) => node.release)) : written;
  if (should === undefined || should === release) return { text: release, tone: 'plain' };
  const below = written === '' ? `most run ${should}` : `should be ${should}`;
  return { text: release, tone: 'warn', shape: 'diamond', below };
}

function systemCell({ kernel, osImage, architecture }: Pick<LiveNode, 'kernel' | 'osImage' | 'architecture'>): Cell {
  const below = [osImage, architecture].filter((word) => word !== '').join(', ');
  return { text: kernel === '' ? '—' : kernel, tone: 'plain', below };
}

/** The one that ends first. */
function certificateCell(node: string, seen: CertificatesAnswer | undefined, now: number): Cell {
  const own = (seen?.certificates ?? []).filter((each) => each.node === node);
  const refused = own.find(({ isRefused }) => isRefused);
  if (refused) return { text: 'refused', tone: 'danger', shape: 'square', title: refused.why ?? '' };
  const ends = own.flatMap(({ endsAt }) => (endsAt === undefined ? [] : [endsAt]));
  if (ends.length > 0) {
    const endsAt = Math.min(...ends);
    const tone = certificateTone(endsAt, now);
    const said = { text: timeLeft(endsAt, now), title: exactTimeLeft(endsAt, now) };
    return { ...said, ...(tone === 'ok' ? { tone: 'plain' } : { tone, shape: 'diamond' }) };
  }
  const [first] = own;
  return first ? { text: 'not seen', tone: 'quiet', title: first.why ?? '' } : nothing;
}

function etcdCell(etcd: Exclude<LiveNode['etcd'], ''>): Cell {
  if (etcd === 'voter') return { text: 'voter', tone: 'plain' };
  return { text: etcd, tone: 'warn', shape: 'diamond', title: 'a member that votes is one that counts for the quorum' };
}

function driftCell(node: string, records: ClusterRecords | undefined): Cell {
  if (records?.drift === undefined) return nothing;
  const own = records.drift.findings.filter((finding) => isAbout(finding, node));
  const counted = own.filter(({ ignored }) => ignored === undefined).length;
  const ignored = own.length - counted;
  const below = ignored === 0 ? {} : { below: `${ignored} ignored` };
  return counted === 0
    ? { text: '0', tone: 'quiet', ...below }
    : { text: String(counted), tone: 'warn', shape: 'diamond', ...below };
}

/** Findings name machines as `Node pi-1`, `pi-1.local` or `pi-1.local client-admin.crt`. */
export function isAbout({ object }: Pick<RecordedFinding, 'object'>, node: string): boolean {
  return object.split(/\s+/).some((word) => word === node || word.split('.', 1)[0] === node);
}

function builtOf(node: string, records: ClusterRecords | undefined): Pick<MatrixRow, 'built' | 'builtAt'> {
  const own = records?.nodes.find(({ nodeId }) => nodeId === node || nodeId.split('.', 1)[0] === node);
  return { builtAt: own?.builtAt, built: builtCell(own) };
}

function builtCell(own: RecordedNode | undefined): Cell {
  const run = own?.run;
  if (run?.result === 'failed') return { text: `${run.type} failed`, tone: 'danger', shape: 'square' };
  if (own?.builtAt === undefined) return nothing;
  return {
    text: '',
    tone: 'plain',
    ...(run === undefined ? {} : { below: `${run.type}, ${Math.ceil(run.minutes)} min` }),
  };
}
