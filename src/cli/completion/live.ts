import { z } from 'zod';
import { readablePercent } from '../../expand/readable.ts';
import { kinds } from '../../kube/index.ts';
import { type TrashRow, trashAnswer, type VolumeRow, volumeRow } from '../../operator/api.ts';
import { type Clock, withDeadline } from '../../telemetry/clock.ts';
import { addressOf, namespaceOption } from '../address-of.ts';
import { cluster } from '../cluster.ts';
import { contextNames } from '../kubeconfig.ts';
import { humanBytes } from '../output.ts';
import type { AskOptions, CommandContext } from '../program.ts';
import { askOperator } from '../reach.ts';
import { localNames } from './local-names.ts';
import { nameOf, optionsOf, type Position } from './position.ts';
import type { Suggestion } from './suggest.ts';

type ValuePosition = Extract<Position, { kind: 'value' }>;

/** Where values come from that the tree of commands does not know. */
export interface Live {
  /** Undefined where nobody knows such values. The source answers with nothing where it fails or takes too long. */
  sourceFor(position: ValuePosition): (() => Promise<readonly Suggestion[]>) | undefined;
}

/** Whoever presses Tab waits no longer. */
const LIMIT_MS = 1_500;

interface Asked {
  readonly context: CommandContext;
  readonly position: ValuePosition;
  readonly signal: AbortSignal;
}

interface Source {
  readonly value: string;
  /** Names of the verbs where it holds; absent: everywhere. The first row that holds counts. */
  readonly verbs?: readonly string[];
  /** Names of the groups where it holds, as `change`. */
  readonly groups?: readonly string[];
  /** The verb has to have this flag: it says whom to ask. */
  readonly needs?: '--operator' | '--kubeconfig';
  ask(asked: Asked): Promise<readonly Suggestion[]>;
}

const sources: readonly Source[] = [
  { value: 'claim', verbs: ['undelete'], needs: '--operator', ask: deletedClaims },
  { value: 'claim', verbs: ['restore'], ask: async () => [] }, // one that is to be made
  { value: 'claim', needs: '--operator', ask: claims },
  { value: 'entry', verbs: ['undelete'], needs: '--operator', ask: async (asked) => entries(asked, 'trash') },
  { value: 'archive', needs: '--operator', ask: async (asked) => entries(asked, 'archive') },
  { value: 'export', verbs: ['undelete', 'restore'], needs: '--operator', ask: exports },
  { value: 'class', needs: '--operator', ask: classes },
  { value: 'namespace', needs: '--operator', ask: claimNamespaces },
  { value: 'namespace', needs: '--kubeconfig', ask: namespaces },
  { value: 'context', needs: '--kubeconfig', ask: contexts },
  { value: 'contexts', ask: contextList },
  { value: 'id', groups: ['change'], verbs: ['new'], ask: async () => [] }, // one that is to be made
  { value: 'id', groups: ['change'], ask: ({ context, position }) => localNames.changes(context, position.values) },
  { value: 'id', groups: ['operator'], verbs: ['add'], ask: async () => [] },
  { value: 'id', groups: ['operator'], ask: ({ context, position }) => localNames.operators(context, position.values) },
  { value: 'node', groups: ['cluster', 'drill', 'access'], ask: ({ position }) => localNames.nodes(position.values) },
  { value: 'rebuild', groups: ['cluster'], ask: ({ position }) => localNames.nodes(position.values) },
];

export function liveValues(context: CommandContext, clock: Clock): Live {
  return {
    sourceFor(position) {
      const flags = optionsOf(position.command).map(({ long }) => long);
      const source = sources.find(
        ({ value, verbs, groups, needs }) =>
          value === nameOf(position.of) &&
          (verbs?.includes(position.command.name()) ?? true) &&
          (groups?.includes(position.command.parent?.name() ?? '') ?? true) &&
          (needs === undefined || flags.includes(needs)),
      );
      if (source === undefined) return undefined;
      return () =>
        withDeadline(clock, 'completion', LIMIT_MS, (signal) => source.ask({ context, position, signal })).catch(
          () => [], // given up on purpose: a shell that completes has no place for a failure, the command itself will tell it
        );
    },
  };
}

/** The flags that are on the line already. */
function optionsIn({ position: { values } }: Asked): AskOptions {
  const [operator, kubeconfig, context, namespace] = ['operator', 'kubeconfig', 'context', 'namespace'].map((name) =>
    values.get(name),
  );
  return { output: 'table', operator, kubeconfig, context, namespace };
}

async function volumes(asked: Asked): Promise<readonly VolumeRow[]> {
  const call = { path: '/api/volumes', signal: asked.signal };
  const rows = await askOperator(addressOf(asked.context, optionsIn(asked)), z.array(volumeRow), call);
  return rows.filter(({ claim }) => claim !== '');
}

async function trash(asked: Asked): Promise<readonly TrashRow[]> {
  const call = { path: '/api/trash', signal: asked.signal };
  return (await askOperator(addressOf(asked.context, optionsIn(asked)), trashAnswer, call)).entries;
}

/** A claim in the form that is being typed: `pvc/NAME`, `NAME` beside `-n`, else `NAMESPACE/NAME`. */
function written(asked: Asked, namespace: string, name: string): readonly string[] {
  const { typed, values } = asked.position;
  const [kind = ''] = typed.split('/');
  const hasKind = typed.includes('/') && ['pvc', 'persistentvolumeclaim', 'persistentvolumeclaims'].includes(kind);
  if (!hasKind && !values.has('namespace')) return [`${namespace}/${name}`];
  if (namespace !== namespaceOption(asked.context, optionsIn(asked))) return [];
  return [hasKind ? `${kind}/${name}` : name];
}

async function claims(asked: Asked): Promise<readonly Suggestion[]> {
  const rows = await volumes(asked);
  return rows.flatMap((row) =>
    written(asked, row.namespace, row.claim).map((value) => ({ value, note: describe(row) })),
  );
}

function describe({ request, usedRatio, state }: VolumeRow): string {
  const size = request === '' ? '' : humanBytes(BigInt(request));
  const used = usedRatio === undefined ? '' : `${readablePercent(usedRatio)} used`;
  return [size, used, state].filter((part) => part !== '').join(', ');
}

async function deletedClaims(asked: Asked): Promise<readonly Suggestion[]> {
  const rows = (await trash(asked)).filter(({ kind }) => kind === 'trash');
  return rows.flatMap(({ claim, trashedAt }) => {
    const [namespace = '', name = ''] = claim.split('/');
    const note = `deleted ${new Date(trashedAt).toISOString().slice(0, 16).replace('T', ' ')}`;
    return written(asked, namespace, name).map((value) => ({ value, note }));
  });
}

async function entries(asked: Asked, wanted: TrashRow['kind']): Promise<readonly Suggestion[]> {
  const rows = (await trash(asked)).filter(({ kind }) => kind === wanted);
  return rows.map(({ entry, claim }) => ({ value: entry, note: claim }));
}

/** Of those that have anything to bring back. */
async function exports(asked: Asked): Promise<readonly Suggestion[]> {
  return distinct((await trash(asked)).map((row) => row.export));
}

async function classes(asked: Asked): Promise<readonly Suggestion[]> {
  return distinct((await volumes(asked)).map((row) => row.class));
}

async function claimNamespaces(asked: Asked): Promise<readonly Suggestion[]> {
  return distinct((await volumes(asked)).map(({ namespace }) => namespace));
}

/** For verbs that work on the cluster itself, also with claims that are not Larder's. */
async function namespaces(asked: Asked): Promise<readonly Suggestion[]> {
  const { items } = await cluster(asked.context, optionsIn(asked), (client) =>
    client.list(kinds.Namespace, { signal: asked.signal }),
  );
  return distinct(items.map(({ metadata }) => metadata.name));
}

async function contexts(asked: Asked): Promise<readonly Suggestion[]> {
  const { env } = asked.context.terminal;
  return contextNames({ ...optionsIn(asked), env }).map((value) => ({ value, note: '' }));
}

/** `a,b`: behind each comma one that is not there yet. */
async function contextList(asked: Asked): Promise<readonly Suggestion[]> {
  const listed = asked.position.typed.split(',').slice(0, -1);
  const rest = (await contexts(asked)).filter(({ value }) => !listed.includes(value));
  return rest.map(({ value, note }) => ({ value: [...listed, value].join(','), note }));
}

function distinct(values: readonly string[]): readonly Suggestion[] {
  return [...new Set(values)]
    .filter((value) => value !== '')
    .toSorted()
    .map((value) => ({ value, note: '' }));
}
