/** The end of a volume as a person reads it, from what the reclaimer would do. Pure. */
import { shellWord } from '../nomad/report/shell-word.ts';
import type { Disposal } from '../provision/disposal.ts';
import type { Retention } from '../provision/parameter.ts';
import { archiveName } from '../provision/trash/archive-name.ts';
import type { Early } from '../provision/trash/cleaning.ts';
import { freeingCommand } from '../provision/volume.ts';
import type { EndWords } from './end-api.ts';

export interface EndFacts {
  readonly namespace: string;
  readonly claim: string;
  readonly volume: string;
  /** Below its export; empty: not known. */
  readonly directory: string;
  /** Whether the reader may see volumes of other namespaces. */
  readonly mayNameOthers: boolean;
  /** What goes before its time where an export has too little room. */
  readonly early: Early;
  readonly now: number;
}

export function wordsOfEnd(disposal: Disposal, facts: EndFacts): EndWords {
  switch (disposal.kind) {
    case 'move':
      return moved(disposal, facts);
    case 'forget':
      return kept(disposal, facts);
    case 'ignore':
      return disposal.reason === 'kept' ? withVolume(facts) : others(disposal.reason);
    case 'let-go':
      return alone(
        'The directory stays where it is: its volume was deleted, goes with the claim, and has the reclaim policy Retain.',
        facts,
      );
    case 'wait':
      return {
        ...{ kind: 'wait', short: 'not decided yet', back: '', backCommand: '', leaves: UNTOUCHED },
        says: 'Not decided yet: another claim is about to use the same directory, and what it comes to decides.',
      };
    case 'refuse':
      return refused(disposal, facts);
    default:
      return disposal satisfies never;
  }
}

const UNTOUCHED = 'No file is moved, changed or removed.';

function moved({ to, path, retention }: Disposal & { kind: 'move' }, facts: EndFacts): EndWords {
  const { namespace, claim, now } = facts;
  const early = endsEarly(to, retention, facts.early) ? ', or before that when the export has too little room' : '';
  const until = retention.ms === undefined ? {} : { until: now + retention.ms };
  const back = 'this brings it back to its place; then create the claim again.';
  const backCommand = `larder volumes undelete ${shellWord(`${namespace}/${claim}`)}`;
  if (to === 'trash') {
    const end = retention.ms === undefined ? 'kept there for ever' : `removed for ever after ${retention.text}${early}`;
    const says = `The directory moves into the trash of its export, and is ${end}, because on-delete is delete.`;
    const short = retention.ms === undefined ? 'to the trash' : `to the trash for ${retention.text}`;
    return { kind: 'trash', short, says, leaves: 'No file is removed before then.', ...until, back, backCommand };
  }
  const name = [...path.slice(0, -1), archiveName(path.at(-1) ?? '', now, 0)].join('/');
  const end =
    retention.ms === undefined ? 'kept for ever' : `kept for ${retention.text}, then removed for ever${early}`;
  return {
    ...{ kind: 'archive', short: `archived as ${name}`, ...until, back, backCommand },
    says: `The directory is archived: renamed to ${name}, with the time behind it where that name is taken, and ${end}, because on-delete is archive.`,
    leaves: 'No file in it is changed.',
  };
}

/** Only what has an end goes before it. */
function endsEarly(to: 'trash' | 'archive', { ms }: Retention, early: Early): boolean {
  return ms !== undefined && (early === 'all' || (early === 'trash' && to === 'trash'));
}

function kept({ reason, message }: Disposal & { kind: 'forget' }, facts: EndFacts): EndWords {
  const others = reason === 'shared' || reason === 'superseded';
  if (others && facts.mayNameOthers) return { ...STAYS, says: sentence(message) };
  const says = `The directory stays where it is, and its volume goes: ${reasons[reason]}.`;
  return others ? { ...STAYS, says } : alone(says, facts);
}

const STAYS = { kind: 'stay', short: 'the directory stays', leaves: UNTOUCHED, back: '', backCommand: '' } as const;

/** A directory that no volume has any more. */
function alone(says: string, { directory, namespace }: EndFacts): EndWords {
  if (directory === '') return { ...STAYS, says };
  return {
    ...{ ...STAYS, says },
    back: 'this writes a volume and a claim for the directory into a file: look at it, then apply it.',
    backCommand: `larder volumes adopt --match ${shellWord(directory)} -n ${shellWord(namespace)} --file adopted.yaml`,
  };
}

const reasons = {
  'on-delete': 'on-delete is retain',
  adopted: 'it held data before it was a volume, and its class does not let such directories be deleted',
  shared: 'another volume uses it too',
  superseded: 'its claim was made again and uses it',
} as const;

/** The volume remembers the claim that it was for, and takes another one of that name only when it forgets which it was. */
function withVolume({ namespace, claim, volume }: EndFacts): EndWords {
  return {
    ...{ kind: 'stay', short: 'directory and volume stay', leaves: UNTOUCHED },
    says: 'The directory stays where it is, and so does its volume: the reclaim policy Retain decides before anything else.',
    back: `when the claim is gone, this frees the volume for one of the same name; then create claim ${claim} in namespace ${namespace} again.`,
    backCommand: freeingCommand(volume),
  };
}

function others(reason: 'not-ours' | 'in-use'): EndWords {
  const why = reason === 'not-ours' ? 'another provisioner made it' : 'it is in use';
  const says = `Larder does nothing with the directory: ${why}.`;
  return { kind: 'stay', short: 'Larder does nothing', says, leaves: UNTOUCHED, back: '', backCommand: '' };
}

/** Of a volume that another driver made; most drivers remove all that is in it. */
export function wordsOfForeign(reclaimPolicy: string | undefined): EndWords {
  const common = { kind: 'foreign', leaves: 'Larder does nothing with it.', back: '', backCommand: '' } as const;
  if (reclaimPolicy !== 'Delete') {
    const says = `The volume stays, because its reclaim policy is ${reclaimPolicy ?? 'Retain'}: another driver made it.`;
    return { ...common, short: 'kept by its driver', says };
  }
  const says = 'Its driver removes the volume with all data, because its reclaim policy is Delete. Larder has no copy.';
  return { ...common, short: 'removed by its driver', says };
}

function refused({ reason, message }: Disposal & { kind: 'refuse' }, { mayNameOthers }: EndFacts): EndWords {
  const why =
    reason === 'overlap' && !mayNameOthers ? 'it lies in, or holds, the directory of another volume' : message;
  return {
    ...{ kind: 'refuse', short: 'nothing: refused', leaves: UNTOUCHED, back: '', backCommand: '' },
    says: `Larder refuses to move the directory, and the volume stays as Released: ${why}.`,
  };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
