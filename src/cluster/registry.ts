/** The vocabulary of the room: error codes. The reference pages are generated from here. */
import { CodedError, type ErrorTable, type MetricTable } from '../telemetry/registry.ts';

export { drillErrors } from './drill/drill-error.ts';
export { preflightErrors } from './preflight/preflight-code.ts';
export { runErrors } from './run/run-error.ts';

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
  LARDER_CHANGE_INTERRUPTED: {
    meaning:
      'An apply was refused: an earlier apply of the same evidence was cut off or failed after it had changed some objects, so they are not as the evidence says.',
    remedy: 'Run `larder change diff ID`: it shows what is left to be done. Then `larder change apply ID` goes on.',
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
  LARDER_CHANGE_BEHIND: {
    meaning:
      'An apply or a rollback was refused: the cluster remembers a record of this ledger that this clone does not have. Others went on meanwhile, or this clone has a history of its own.',
    remedy:
      'Run `git pull`, where `larder ledger verify` then names two ends `larder ledger merge`, and `larder change diff ID` again.',
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

/** Of `larder cluster drift` and `larder cluster alerts`. */
export const watchErrors = {
  LARDER_DRIFT_IGNORE: {
    meaning: 'The list of ignored findings cannot be used: all mistakes are listed, each at its line.',
    remedy:
      'Correct drift-ignore.yaml: each rule needs `kind`, `object`, `reason` and `expires`. Nothing was looked at.',
  },
  LARDER_DRIFT_TEXTFILE: {
    meaning: 'The metrics of the drift report could not be written.',
    remedy: 'Name a file in a folder that exists and that may be written: the folder of the textfile collector.',
  },
  LARDER_ALERTS_UNREACHABLE: {
    meaning: 'Alertmanager does not answer, or what answers is no Alertmanager.',
    remedy:
      'Name its address with `--alertmanager URL`, or the service of the cluster with `--service NAMESPACE/NAME:PORT`.',
  },
  LARDER_ALERTS_NOT_FOUND: {
    meaning: 'Alertmanager has no such alert, or cluster.yaml no such route.',
    remedy: 'Look at `larder cluster alerts list`, or at `alerts.routes` of cluster.yaml.',
  },
  LARDER_ALERTS_REFUSED: {
    meaning: 'Alertmanager refused what it was asked for.',
    remedy: 'The message has its own words.',
  },
} as const satisfies ErrorTable;

export type WatchCode = keyof typeof watchErrors;

export class WatchError extends CodedError<WatchCode> {
  override readonly name = 'WatchError';
}

/** Of `larder cluster init`, `render` and `import`. */
export const repositoryErrors = {
  LARDER_INIT_NOT_EMPTY: {
    meaning: 'The folder for the new repository holds something already, and nothing in it is overwritten.',
    remedy: 'Name another folder, or add the files that are missing with `--merge`.',
  },
  LARDER_INIT_LINK: {
    meaning:
      'A folder into which files would be added is a symbolic link or no folder: they would land somewhere else.',
    remedy: 'Put a folder in its place, or name another repository.',
  },
  LARDER_INIT_WRITE: {
    meaning: 'The repository could not be written. What was begun was taken back.',
    remedy: 'The message says which file and why: a full disk, a missing right. Then run the command again.',
  },
  LARDER_INIT_TEMPLATE: {
    meaning: 'This copy of Larder has no templates, or not those of its version.',
    remedy: 'Install it again: the folders operator-repository and ansible belong to it.',
  },
  LARDER_RENDER_OWN: {
    meaning: 'A file that would be made from cluster.yaml was written by somebody, and is not replaced.',
    remedy: 'Move it away, and run `larder cluster render` again.',
  },
  LARDER_IMPORT_UNREADABLE: {
    meaning: 'The inventory cannot be read as one of k3s-ansible.',
    remedy: 'Name its inventory file (YAML or INI) with the groups server and agent, or master and node.',
  },
} as const satisfies ErrorTable;

export type RepositoryCode = keyof typeof repositoryErrors;

export class RepositoryError extends CodedError<RepositoryCode> {
  override readonly name = 'RepositoryError';
}

/** Of `larder cluster secrets`. */
export const secretErrors = {
  LARDER_SECRET_FILE: {
    meaning: 'An encrypted file is not there, cannot be read or written, or lies outside the repository.',
    remedy: 'The message says which; `larder cluster secrets status` lists the files that cluster.yaml names.',
  },
  LARDER_SECRET_FORMAT: {
    meaning: 'A file is no YAML or JSON that SOPS would take, or uses a part of its format that Larder does not read.',
    remedy: 'Mend what the message names; files with key groups or rules by comment are for `sops` itself.',
  },
  LARDER_SECRET_NOT_ENCRYPTED: {
    meaning: 'A file that should be encrypted stands in plain text.',
    remedy:
      'Take its values for known: change them where they are used, then write the file anew with `larder cluster secrets set`.',
  },
  LARDER_SECRET_KEY: {
    meaning: 'An encrypted file has no single value of that name.',
    remedy:
      'Look at its names with `larder cluster secrets show FILE`, and set it with `larder cluster secrets set FILE KEY`.',
  },
  LARDER_SECRET_IDENTITY: {
    meaning: 'An age private key was found, and it cannot be used: cut, mistyped, under a passphrase, of a plug-in.',
    remedy: 'Mend what the message names, or take it out of the way; no key of another place is used instead.',
  },
  LARDER_SECRET_NO_IDENTITY: {
    meaning: 'No age private key was found.',
    remedy: 'Bring your key (SOPS_AGE_KEY_FILE, ~/.config/sops/age/keys.txt), or run `larder cluster secrets init`.',
  },
  LARDER_SECRET_NOT_RECIPIENT: {
    meaning: 'The file is encrypted to others than the keys that are here.',
    remedy: 'Somebody who can read it adds your recipient to cluster.yaml and runs `larder cluster secrets rotate`.',
  },
  LARDER_SECRET_OTHER_KEYS: {
    meaning: 'The file is encrypted with PGP or a cloud KMS; Larder opens and rotates age only.',
    remedy: 'Add an age recipient with `sops`, or go on using `sops` for this file.',
  },
  LARDER_SECRET_MAC: {
    meaning: 'The values of a file do not add up to its checksum: it was changed after it was encrypted.',
    remedy: 'Compare it with git and take the last good one; nothing of it is used meanwhile.',
  },
  LARDER_SECRET_EDITED: {
    meaning: 'A value or the key of a file was changed without the tool: it stands in plain text or does not open.',
    remedy: 'Take the file from git, and change it with `larder cluster secrets edit FILE`.',
  },
  LARDER_SECRET_RECIPIENTS: {
    meaning: 'It is not clear, or not possible, to whom a file should be encrypted.',
    remedy: 'Name age recipients in secrets.recipients of cluster.yaml, yours among them.',
  },
} as const satisfies ErrorTable;

export type SecretCode = keyof typeof secretErrors;

/** Of `larder cluster access` and `larder cluster image`. */
export const accessErrors = {
  LARDER_ACCESS_NO_CA: {
    meaning: 'There is no certificate authority for ssh yet, or its private key is not at hand.',
    remedy: 'Make one with `larder cluster access init`, or bring an age key that opens secrets/ssh-ca.sops.yaml.',
  },
  LARDER_ACCESS_EXISTS: {
    meaning: 'A certificate authority is there already; a second one would lock out everybody who has a certificate.',
    remedy:
      'Use it. To replace it, take its files out of the repository first, and deploy both keys until the old certificates ended.',
  },
  LARDER_ACCESS_REFUSED: {
    meaning:
      'A certificate was not issued: the person is no operator of cluster.yaml, or the life asked for is too long.',
    remedy: 'Add the person to `operators`, and ask for 12 hours at most.',
  },
  LARDER_ACCESS_FILE: {
    meaning: 'A file of the access could not be read or written.',
    remedy: 'The message says which and why.',
  },
  LARDER_ACCESS_KUBECONFIG: {
    meaning: 'The cluster did not sign the certificate of a kubeconfig.',
    remedy: 'The message has its words; whoever asks needs the right to make and approve CertificateSigningRequests.',
  },
  LARDER_IMAGE_WRITE: {
    meaning: 'The files for the first start of a node could not be written, or would replace others.',
    remedy: 'Name an empty folder.',
  },
  LARDER_IMAGE_NODE: {
    meaning: 'A node cannot get files for its first start: cluster.yaml does not have it, or lacks what they need.',
    remedy: 'The message says what is missing.',
  },
} as const satisfies ErrorTable;

export type AccessCode = keyof typeof accessErrors;

/** Written by `larder cluster drift --textfile`, for the textfile collector of node-exporter. */
export const driftMetrics = {
  larder_cluster_drift_findings: {
    type: 'gauge',
    help: 'Findings of the last drift report that count (--textfile of larder cluster drift).',
    labels: ['cluster', 'kind'],
  },
  larder_cluster_drift_ignored: {
    type: 'gauge',
    help: 'Findings of the last drift report that a rule of drift-ignore.yaml leaves out.',
    labels: ['cluster', 'kind'],
  },
  larder_cluster_drift_unknown: {
    type: 'gauge',
    help: 'What the last drift report could not look at.',
    labels: ['cluster', 'kind'],
  },
  larder_cluster_drift_last_run_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last drift report was made.',
    labels: ['cluster'],
  },
  larder_cluster_drift_duration_seconds: {
    type: 'gauge',
    help: 'How long the last look for drift took.',
    labels: ['cluster'],
  },
} as const satisfies MetricTable;
