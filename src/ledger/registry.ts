/** The vocabulary of the room: error codes. The reference pages are generated from here. */
import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

export const errors = {
  LARDER_LEDGER_NOT_FOUND: {
    meaning: 'The folder is no git repository, or no ledger was started in it.',
    remedy: 'Run `larder ledger init` in the operators’ repository, or name it with --ledger DIR.',
  },
  LARDER_LEDGER_NO_KEY: {
    meaning: 'No ssh key was found that could sign a record. The message lists where it was looked for.',
    remedy:
      'Name the key with --key FILE, set `user.signingkey` of git, load it into the agent, or make one with ssh-keygen.',
  },
  LARDER_LEDGER_KEY_UNUSABLE: {
    meaning:
      'The key that should sign cannot be read, is none, can be read by others, or its agent, token or passphrase refused.',
    remedy: 'The message says which. For a key with a passphrase run `ssh-add` first where nobody can type it.',
  },
  LARDER_LEDGER_GIT: {
    meaning: 'git, which keeps the records, is not installed or did not do what was asked.',
    remedy:
      'Install git, or do what its message says. Records that were written stay valid and can be committed later.',
  },
  LARDER_LEDGER_INVALID: {
    meaning: 'What was sent to the API is not as its document says. Nothing was recorded.',
    remedy: 'The detail names each field and what is wrong with it; `GET /openapi.json` has the schemas.',
  },
  LARDER_LEDGER_REFUSED: {
    meaning: 'What was sent contradicts itself or the ledger. Nothing was recorded.',
    remedy: 'The detail names the rules; docs/reference/ledger-rules.md says what each is for.',
  },
  LARDER_LEDGER_CONFLICT: {
    meaning: 'The ledger already says something else under the id that was sent. Nothing was recorded.',
    remedy: 'Look at the record that the answer names. What is wrong in it is put right by a correction.',
  },
  LARDER_LEDGER_CLIENT_ID: {
    meaning: 'The id that a client of the API chose is no UUID. Nothing was recorded.',
    remedy: 'Make a UUID for each run, change and evidence, and keep it for sending the same again.',
  },
  LARDER_LEDGER_UNFIT: {
    meaning:
      'A body is JSON that no record can hold as it was sent: a member twice, a member called __proto__, a number beyond all numbers, half a character, or too deep. Nothing was recorded.',
    remedy: 'Send it without what the detail names.',
  },
  LARDER_LEDGER_UNKNOWN: {
    meaning: 'The ledger says nothing about what was asked for.',
    remedy: 'Check the id; the list of its kind shows what there is.',
  },
  LARDER_LEDGER_SECRET: {
    meaning: 'What was sent holds something that looks like a secret. Nothing was recorded.',
    remedy: 'Take it out. When it is a real secret, rotate it: it has left the place where it was safe.',
  },
  LARDER_LEDGER_BROKEN: {
    meaning: 'The ledger is not what was signed. It can be read, and nothing is added to it.',
    remedy: 'Run `larder ledger verify`: it names the first broken link and what to do.',
  },
  LARDER_LEDGER_STALE: {
    meaning: 'A record was signed to follow one that is not the newest any more.',
    remedy: 'Take the head from the answer, and make and sign the record again.',
  },
  LARDER_LEDGER_UNREACHABLE: {
    meaning: 'The ledger that is served at an address does not answer, or does not let this caller in.',
    remedy: 'Start `larder ledger serve`, check the address, and put its token into LARDER_LEDGER_TOKEN.',
  },
  LARDER_LEDGER_READ_TOKEN: {
    meaning: 'The token may read the ledger, and not write.',
    remedy: 'Use a token whose line in the token file does not say `read`.',
  },
  LARDER_LEDGER_TOKENS: {
    meaning: 'The file with the tokens of the API cannot be used.',
    remedy: 'The message names the line, or the rights that the file should have.',
  },
  LARDER_LEDGER_EVIDENCE: {
    meaning:
      'An approval names evidence whose file is missing, is not as it was recorded, or has no hash in the ledger: nobody can say what was approved. Nothing was recorded.',
    remedy:
      'Bring the file back with `git checkout`, or take the evidence again with `larder change diff ID`; `larder ledger verify` names what is wrong.',
  },
  LARDER_LEDGER_EXISTS: {
    meaning: 'There is a ledger in the repository already, or one was seen whose records are gone.',
    remedy: 'Use the one that is there. One that is gone comes back from git: `git log -- docs/governance/ledger`.',
  },
  LARDER_LEDGER_HIDDEN: {
    meaning: 'A .gitignore keeps files of the ledger out of git: nobody else would ever get them.',
    remedy:
      'Take the rule that the message names out of its file, or bring the files back with a rule that begins with `!`.',
  },
  LARDER_LEDGER_LOCKED: {
    meaning: 'Another process writes into the ledger and did not end in half a minute. The message says which.',
    remedy: 'Wait for it, or look after the process. The lock ends with it; there is no file to remove.',
  },
  LARDER_LEDGER_FILES: {
    meaning: 'A file of the ledger cannot be read or written: a full or read-only disk, rights, a symbolic link.',
    remedy: 'The message says which file, and whether the record is there. Mend it and try again.',
  },
  LARDER_LEDGER_CLOCK: {
    meaning:
      'The clock of this machine is more than five minutes behind the last record: it, or the other one, is wrong.',
    remedy: 'Set the clock (`timedatectl`).',
  },
} as const satisfies ErrorTable;

export type LedgerCode = keyof typeof errors;

export class LedgerError extends CodedError<LedgerCode> {
  override readonly name = 'LedgerError';
}
