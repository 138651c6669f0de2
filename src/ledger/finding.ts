/** What `verify` can find, as data: the reference and the output are made from here. */

/** break: the ledger is not what was signed, and nothing is added to it until that is mended. notice: it holds all the same. */
type Weight = 'break' | 'notice';

interface FindingEntry {
  readonly weight: Weight;
  readonly meaning: string;
  /** A sentence that starts with what to do. */
  readonly remedy: string;
}

const RESTORE =
  'Bring the file back as it was committed (`git log -- FILE` shows when it changed, `git restore` brings it back).';

/** In the order in which findings about one record are told. */
export const findingKinds = {
  'not-there': {
    weight: 'break',
    meaning: 'There is no record at all, where a ledger was seen before.',
    remedy: 'Bring docs/governance/ledger back from git; `git log -- docs/governance/ledger` shows where it was.',
  },
  link: {
    weight: 'break',
    meaning:
      'A symbolic link stands where a folder or a file of the ledger belongs: what it points to can change unseen.',
    remedy: 'Replace the link by what it points to, when that is what was committed.',
  },
  malformed: { weight: 'break', meaning: 'A file is not a record that this version can read.', remedy: RESTORE },
  altered: {
    weight: 'break',
    meaning: 'A file is not, byte for byte, the text of the record that was hashed.',
    remedy: RESTORE,
  },
  misplaced: {
    weight: 'break',
    meaning: 'A record stands under another name than its own.',
    remedy: 'Bring it back to the path that the finding names.',
  },
  signature: {
    weight: 'break',
    meaning: 'The signature of a record is not one of what the record says.',
    remedy: RESTORE,
  },
  signer: {
    weight: 'break',
    meaning: 'A record is signed by a key that its operator did not have at that point of the history.',
    remedy: 'Find out who committed it; a record of somebody who may not sign is no record.',
  },
  twice: {
    weight: 'break',
    meaning: 'Two records carry the same id.',
    remedy: 'Keep the one that was committed first; the other was made by hand.',
  },
  missing: {
    weight: 'break',
    meaning: 'A record follows one that is not there: records were removed, or their files changed.',
    remedy: 'Bring the missing files back from git, or pull them.',
  },
  order: {
    weight: 'break',
    meaning: 'The number of a record does not follow from the records before it.',
    remedy: RESTORE,
  },
  root: {
    weight: 'break',
    meaning: 'A ledger has one beginning; there are two, or the first record does not open a ledger.',
    remedy: 'Keep the ledger that was there first; the other cannot be joined to it.',
  },
  time: {
    weight: 'break',
    meaning: 'A record says that it was made before the record that it follows.',
    remedy: 'Find out whose clock or whose hand it was; Larder writes no such record.',
  },
  rule: {
    weight: 'break',
    meaning: 'What a record says breaks a rule of the ledger, by all that its writer could know.',
    remedy: 'Find out who signed it; Larder refuses to write such a record.',
  },
  unmerged: {
    weight: 'break',
    meaning: 'The history has two ends: two clones went on from the same record, and git put their files together.',
    remedy: 'Run `larder ledger merge`.',
  },
  truncated: {
    weight: 'break',
    meaning:
      'A record that was seen as the newest is not there: the end of the history was removed, or this is an older state of the repository.',
    remedy:
      'Pull, or check out the branch that has it; `larder ledger verify` says which commit that is. See "Records are missing at the end" in the guide.',
  },
  'artifact-missing': {
    weight: 'break',
    meaning: 'A file that a record names as its evidence is gone, and no tombstone says why.',
    remedy: 'Bring it back from git, or record why it is gone with `larder ledger tombstone`.',
  },
  'artifact-altered': {
    weight: 'break',
    meaning: 'A file that a record names as its evidence is not the one that was recorded.',
    remedy: RESTORE,
  },
  'signers-altered': {
    weight: 'break',
    meaning:
      'allowed_signers is not what the records say about people and keys: ssh-keygen would trust others than the ledger does.',
    remedy:
      'Bring it back with `git restore docs/governance/ledger/allowed_signers`, or remove it: the next record writes it anew.',
  },
  hidden: {
    weight: 'break',
    meaning: 'A .gitignore keeps files of the ledger out of git, so that nobody else gets them.',
    remedy: 'Take the rule out of the file that the finding names.',
  },
  'signers-behind': {
    weight: 'notice',
    meaning:
      'allowed_signers is missing or does not yet say what the newest records say, as after a write that was cut off.',
    remedy: 'Nothing: the next record writes it.',
  },
  // No break: whoever gets a commit message in could stop the ledger with it, for ever.
  'head-forged': {
    weight: 'notice',
    meaning:
      'What says that it is a signed head is none, or is signed by a key that no record here gives to its operator.',
    remedy: 'Find out who wrote it where the finding says. It shows nothing about the records.',
  },
  'artifact-unclaimed': {
    weight: 'notice',
    meaning: 'A file among the evidence is named by no record, as after a write that was cut off.',
    remedy: 'Nothing, or remove it.',
  },
  foreign: {
    weight: 'notice',
    meaning: 'A file in the folder of the ledger is none of its own. Nothing reads it.',
    remedy: 'Move it elsewhere.',
  },
  aside: {
    weight: 'notice',
    meaning: 'A write that was cut off left a file behind.',
    remedy: 'Nothing: the next record clears it away.',
  },
} as const satisfies Readonly<Record<string, FindingEntry>>;

export type FindingKind = keyof typeof findingKinds;

export interface Finding {
  readonly kind: FindingKind;
  /** From the root of the repository; absent where it is about no file. */
  readonly path?: string;
  /** Of the record, where it is known; for the order in which they are told. */
  readonly seq?: number;
  /** Of a record that was seen and is not there. */
  readonly hash?: string;
  /** What is wrong with what, with the file it is about. */
  readonly message: string;
}

export function isBreak({ kind }: Finding): boolean {
  return findingKinds[kind].weight === 'break';
}

const order = new Map(Object.keys(findingKinds).map((kind, index) => [kind, index]));

/** The first broken link comes first: breaks before notices, then by the number of the record. */
export function inOrder(found: readonly Finding[]): readonly Finding[] {
  const rank = ({ seq = Number.MAX_SAFE_INTEGER }: Finding): number => seq;
  return [...found].sort(
    (a, b) =>
      Number(isBreak(b)) - Number(isBreak(a)) ||
      rank(a) - rank(b) ||
      (order.get(a.kind) ?? 0) - (order.get(b.kind) ?? 0) ||
      Number((a.path ?? '') > (b.path ?? '')) - Number((a.path ?? '') < (b.path ?? '')),
  );
}
