/** The vocabulary of the room: error codes. The reference pages are generated from here. */
import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

export const errors = {
  LARDER_CHANGE_NOT_FOUND: {
    meaning: 'The ledger has no change of that id.',
    remedy: 'Look at `larder change list`; `larder change new ID --manifests PATH` makes one.',
  },
  LARDER_CHANGE_MANIFESTS: {
    meaning:
      'What a change names holds something that is no manifest, or cannot be read. All problems are listed, each with its place.',
    remedy: 'Correct the files; nothing was compared and nothing was applied.',
  },
  LARDER_CHANGE_TOOL: {
    meaning: 'helm or kubectl is needed to render what a change names, and is not there or failed.',
    remedy: 'Install the tool that the message names, or correct what it says.',
  },
  LARDER_CHANGE_NO_EVIDENCE: {
    meaning: 'An apply was refused: no evidence was taken of what it would change.',
    remedy: 'Run `larder change diff ID`, and read it.',
  },
  LARDER_CHANGE_EVIDENCE_FILE: {
    meaning:
      'An approval, an apply or a rollback was refused: a file of the newest evidence is missing, or is not as it was recorded.',
    remedy:
      'Run `larder ledger verify`, and bring the file back with `git checkout`; or run `larder change diff ID` again, and have it approved again where that is needed.',
  },
  LARDER_CHANGE_STALE_EVIDENCE: {
    meaning: 'An apply was refused: the evidence is older than it may be.',
    remedy: 'Run `larder change diff ID` again; --max-age allows another age than a day.',
  },
  LARDER_CHANGE_MANIFESTS_DIFFER: {
    meaning: 'An apply was refused: the manifests are not those that the evidence is about.',
    remedy: 'Run `larder change diff ID` again, and have it approved again where that is needed.',
  },
  LARDER_CHANGE_LIVE_DIFFERS: {
    meaning: 'An apply was refused: a live object was changed, made or removed since the evidence was taken.',
    remedy: 'Find out who changed it, then run `larder change diff ID` again.',
  },
  LARDER_CHANGE_UNKNOWN: {
    meaning: 'An apply was refused: of some objects nobody can tell what would change.',
    remedy: 'Mend what the message says about each object, then run `larder change diff ID` again.',
  },
  LARDER_CHANGE_NOT_APPROVED: {
    meaning: 'An apply was refused: the change is critical, and nobody but its author approved its newest evidence.',
    remedy: 'Have another operator run `larder change approve ID`.',
  },
  LARDER_CHANGE_NO_RUNBOOK: {
    meaning: 'An apply was refused: the change names no runbook, so nobody knows what to do when it goes wrong.',
    remedy: 'Name it: `larder change update ID --runbook docs/runbooks/NAME.md`.',
  },
  LARDER_CHANGE_STATUS: {
    meaning: 'The change is in a state in which this cannot be done, such as one that was rolled back.',
    remedy: 'Make a new change.',
  },
  LARDER_CHANGE_RUNNING: {
    meaning: 'Another process applies a change from this clone at this moment.',
    remedy: 'Wait until it has ended.',
  },
  LARDER_CHANGE_NO_WAY_BACK: {
    meaning: 'No earlier state of the manifests can be told for certain, so nothing was rolled back.',
    remedy: 'Name the commit: `larder change rollback ID --incident I --to COMMIT`.',
  },
  LARDER_CHANGE_INCIDENT: {
    meaning: 'A rollback was refused: it names no incident that the ledger knows.',
    remedy: 'Open one with it: `larder change rollback ID --incident I --title "what happened"`.',
  },
  LARDER_CHANGE_RECORD: {
    meaning:
      'The ledger did not take the record: a rule is broken, it would hold a secret, or the ledger itself is broken.',
    remedy: 'The message says which; an apply that was already made is recorded by the next command on a change.',
  },
} as const satisfies ErrorTable;

export type ChangeCode = keyof typeof errors;

export class ChangeError extends CodedError<ChangeCode> {
  override readonly name = 'ChangeError';
}
