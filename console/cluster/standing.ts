/** The cluster in a few figures: what calls for somebody. What is not known has no figure. Pure. */
import type { AlertRow } from '../../src/cluster/alerts/alert-rows.ts';
import type { AlertsAnswer, CertificatesAnswer, NodesAnswer } from '../../src/cluster/sight/answer.ts';
import type { ClusterRecords } from '../../src/ledger/cluster-records.ts';
import type { StateLook } from '../words/state.ts';
import { certificateTone, exactTimeLeft, timeLeft } from './certificate.ts';
import { rotationsOf } from './rotation.ts';

export interface ClusterFacts {
  readonly nodes: NodesAnswer | undefined;
  readonly certificates: CertificatesAnswer | undefined;
  readonly records: ClusterRecords | undefined;
  readonly alerts: AlertsAnswer | undefined;
}

export interface Figure {
  /** Of the section that says more. */
  readonly section: 'nodes' | 'alerts' | 'drift' | 'drills' | 'rotations' | 'certificates';
  readonly figure: string;
  /** For the pointer that stays, where the figure is short. */
  readonly title?: string;
  readonly word: string;
  readonly tone: 'ok' | 'warn' | 'danger' | 'quiet';
  readonly shape: StateLook['shape'];
}

/** As the command line counts them: nobody has taken it, or that is over. */
const open: ReadonlySet<AlertRow['state']> = new Set(['firing', 'stale']);

/** `now`: epoch ms. */
export function standingOf(facts: ClusterFacts, now: number): readonly Figure[] {
  return [
    ...nodesIn(facts),
    ...alertsIn(facts),
    ...driftIn(facts),
    ...drillsIn(facts),
    ...rotationsIn(facts, now),
    ...certificatesIn(facts, now),
  ];
}

const fine = { tone: 'quiet', shape: 'circle' } as const;
const bad = { tone: 'danger', shape: 'triangle' } as const;
const uneasy = { tone: 'warn', shape: 'diamond' } as const;

/** A node that is wanted and not there is one that is not ready. */
function nodesIn({ nodes: answer }: ClusterFacts): readonly Figure[] {
  if (answer === undefined) return [];
  const { nodes, wanted } = answer;
  const listed = wanted.kind === 'known' ? wanted.value.nodes.map(({ node }) => node) : [];
  const all = new Set([...nodes.map(({ name }) => name), ...listed]);
  const ready = nodes.filter((node) => node.ready === 'ready').length;
  const figure = ready === all.size ? String(ready) : `${ready} of ${all.size}`;
  const word = all.size === 1 ? 'node ready' : 'nodes ready';
  return [{ section: 'nodes', figure, word, ...(ready === all.size ? fine : bad) }];
}

function alertsIn({ alerts: answer }: ClusterFacts): readonly Figure[] {
  if (answer?.alerts.kind !== 'known') return [];
  const number = answer.alerts.value.rows.filter(({ state }) => open.has(state)).length;
  const word = number === 1 ? 'alert open' : 'alerts open';
  return [{ section: 'alerts', figure: String(number), word, ...(number === 0 ? fine : bad) }];
}

function driftIn({ records }: ClusterFacts): readonly Figure[] {
  if (records?.drift === undefined) return [];
  const { findings, verdict } = records.drift;
  const counted = findings.filter(({ ignored }) => ignored === undefined).length;
  const look = counted > 0 ? uneasy : verdict === 'unknown' ? ({ tone: 'quiet', shape: 'dashed' } as const) : fine;
  const word = counted === 1 ? 'finding of drift' : 'findings of drift';
  return [{ section: 'drift', figure: String(counted), word, ...look }];
}

/** Those that are overdue, where there are such; else those that this quarter still asks for. */
function drillsIn({ records }: ClusterFacts): readonly Figure[] {
  if (records === undefined) return [];
  const count = (wanted: string): number => records.drills.filter(({ due }) => due === wanted).length;
  const overdue = count('overdue');
  const number = overdue > 0 ? overdue : count('due');
  const word = `${number === 1 ? 'drill' : 'drills'} ${overdue > 0 ? 'overdue' : 'due'}`;
  return [{ section: 'drills', figure: String(number), word, ...(overdue > 0 ? bad : number > 0 ? uneasy : fine) }];
}

function rotationsIn({ records, nodes }: ClusterFacts, now: number): readonly Figure[] {
  if (records === undefined) return [];
  const wanted = nodes?.wanted.kind === 'known' ? nodes.wanted.value : undefined;
  const rows = rotationsOf(records.rotations, wanted, now);
  const late = rows.filter(({ state }) => state !== 'in time' && state !== 'soon').length;
  if (rows.length === 0) return [];
  const word = late === 1 ? 'secret to rotate' : 'secrets to rotate';
  return [{ section: 'rotations', figure: String(late), word, ...(late === 0 ? fine : bad) }];
}

/** The one that ends first. */
function certificatesIn({ certificates }: ClusterFacts, now: number): readonly Figure[] {
  const all = certificates?.certificates ?? [];
  const section = 'certificates';
  const refused = all.filter(({ isRefused }) => isRefused).length;
  if (refused > 0) return [{ section, figure: String(refused), word: 'certificates refused', ...bad }];
  const ends = all.flatMap(({ endsAt }) => (endsAt === undefined ? [] : [endsAt]));
  if (ends.length === 0) return [];
  const first = Math.min(...ends);
  const tone = certificateTone(first, now);
  const look = { ok: fine, warn: uneasy, danger: bad }[tone];
  const said = { figure: timeLeft(first, now), title: exactTimeLeft(first, now) };
  return [{ section, ...said, word: 'until a certificate ends', ...look }];
}
