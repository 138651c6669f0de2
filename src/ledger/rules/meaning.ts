/** The rules of the ledger in words, by id; docs/reference/ledger-rules.md is made from here. */

interface Meaning {
  /** What holds. */
  readonly meaning: string;
  /** What to do where a record would break it. A sentence. */
  readonly remedy: string;
}

const CORRECT_DATA = 'Correct what the message names and record it again.';

export const ruleMeanings = {
  'ledger-open': {
    meaning: 'A ledger is opened by its first record, and by that one alone.',
    remedy:
      'Start a ledger with `larder ledger init`; in one that is there, add people with `larder ledger operator add`.',
  },
  'signer-known': {
    meaning: 'Who signs a record is an operator of the ledger at that point of the history.',
    remedy: 'Have an admin add the operator with `larder ledger operator add`.',
  },
  'signer-expired': {
    meaning: 'An operator signs nothing after the end of the term that an admin gave.',
    remedy: 'Have an admin prolong it with `larder ledger operator change`.',
  },
  'signer-key': {
    meaning: 'A record is signed by a key that its operator holds at that point of the history.',
    remedy: 'Sign with a key that `larder ledger operator list` shows, or rotate to the new one with the old one.',
  },
  'server-records': {
    meaning: 'An operator of role server records for others. It approves nothing and excuses no missing file.',
    remedy: 'Let a person do it, with a key of their own.',
  },
  'admin-governs': {
    meaning: 'Only an admin adds, changes and removes operators, and touches keys of others.',
    remedy: 'Ask an admin; `larder ledger operator list` names them.',
  },
  'admin-stays': {
    meaning:
      'There is always an admin who has a key and no end of term. Otherwise nobody could let anybody in when the last one is out.',
    remedy: 'Make somebody else an admin first.',
  },
  'operator-new': {
    meaning: 'An operator is added once. One that was removed may be added again.',
    remedy: 'Choose another id, or change the operator that is there.',
  },
  'key-one-owner': {
    meaning: 'A key belongs to one operator, and one that was revoked or replaced never comes back.',
    remedy: 'Make a new key with `ssh-keygen -t ed25519`.',
  },
  'key-held': {
    meaning: 'A key that is replaced or revoked is one that the operator holds.',
    remedy: 'Look up the keys with `larder ledger operator list`.',
  },
  'key-by-old': {
    meaning: 'Who changes their own key signs with the old one.',
    remedy: 'Sign with the old key. Where it is lost, an admin can rotate it, or revoke it and add the operator again.',
  },
  'id-new': {
    meaning: 'An id names one thing: a run, a change, evidence of a change, an incident, a drill, a report, an action.',
    remedy: 'Choose another id. What is recorded already is changed by its own records, or by a correction.',
  },
  'id-known': {
    meaning: 'What a record refers to is in the ledger.',
    remedy: 'Record that first, or correct the id; `larder ledger show` lists what is there.',
  },
  'times-in-order': {
    meaning: 'What ended had begun: no end is before its start.',
    remedy: CORRECT_DATA,
  },
  'times-past': {
    meaning:
      'What is told has happened: no such time is more than five minutes after the record. When something is due, ends or is planned may be later.',
    remedy: 'Correct the time, or set the clock of the machine that it comes from (`timedatectl`).',
  },
  'node-unique': {
    meaning: 'No two nodes have the same host name, address or etcd peer address.',
    remedy: 'Correct it, or record the removal of the node that had it.',
  },
  'node-peer': {
    meaning: 'Only a server has an etcd peer address.',
    remedy: CORRECT_DATA,
  },
  'node-count': {
    meaning:
      'A cluster has at most 10 nodes, unless a deviation with `rule: node-count` is recorded and has not ended.',
    remedy: 'Record a deviation with its reason, or remove a node.',
  },
  'run-nodes': {
    meaning: 'A run names each node once.',
    remedy: CORRECT_DATA,
  },
  'run-pending': {
    meaning: 'A run ends once: pending, then success or failed.',
    remedy: 'Start another run, or correct the record that says how it ended.',
  },
  'run-after-failure': {
    meaning: 'After a run failed on a node, the next one there follows an incident with a remediation plan.',
    remedy: 'Open an incident for the run that failed, write down its remediation, and name it.',
  },
  'change-begins': {
    meaning: 'A change begins as draft or pending-review, and says nothing of having been applied.',
    remedy: 'Record it as draft, attach its evidence, then record that it was applied.',
  },
  'change-order': {
    meaning: 'A change goes draft → pending-review → applied → rolled-back, one step at a time and never back.',
    remedy: 'Take the steps between, or make a new change.',
  },
  'change-settled': {
    meaning: 'What was applied stays what it was: the manifests and the time of an applied change do not change.',
    remedy: 'Make a new change.',
  },
  'change-applied-at': {
    meaning: 'Only a change that was applied has the time at which it was.',
    remedy: CORRECT_DATA,
  },
  'change-critical': {
    meaning: 'A change that was called critical stays it.',
    remedy: 'Make a new change.',
  },
  'change-evidence': {
    meaning: 'Evidence comes before the apply: what is applied has evidence that was taken and recorded before it.',
    remedy: 'Take evidence with `larder change diff`, or attach it, and apply then.',
  },
  'change-runbook': {
    meaning: 'A change that is applied refers to at least one runbook.',
    remedy: 'Name the runbook that was written or read: `runbookUpdates`.',
  },
  'change-approval': {
    meaning: 'A critical change is applied with an approval of its newest evidence.',
    remedy: 'Have somebody else look at the evidence and run `larder change approve`.',
  },
  'change-incident': {
    meaning: 'A change is rolled back because of an incident.',
    remedy: 'Open an incident and name it.',
  },
  'approval-newest': {
    meaning: 'An approval is about the newest evidence of its change.',
    remedy: 'Look at the newest evidence and approve that.',
  },
  'approval-by-another': {
    meaning: 'Nobody approves their own work: neither who made the change nor who took the evidence.',
    remedy: 'Ask another operator.',
  },
  'apply-newest': {
    meaning: 'An apply is about the newest evidence of its change.',
    remedy: 'Apply with the newest evidence, or take it again.',
  },
  'apply-manifests': {
    meaning: 'What is applied is what the evidence compared: the same hash of the manifests.',
    remedy: 'Take evidence of what is to be applied.',
  },
  'apply-exit': {
    meaning: 'An apply that failed for an object does not exit with 0.',
    remedy: CORRECT_DATA,
  },
  'apply-state': {
    meaning: 'A change that was rolled back is not applied again, and only what was applied is rolled back.',
    remedy: 'Make a new change.',
  },
  'rotation-order': {
    meaning: 'A rotation goes scheduled → in-progress → verified; one that was not verified is scheduled again.',
    remedy: 'Record its start before its end. The next rotation has an id of its own.',
  },
  'rotation-verified': {
    meaning:
      'A verified rotation says when it was completed and how it was verified; one that is scheduled was not completed.',
    remedy: 'Add completedAt and verificationSteps, or record it as scheduled.',
  },
  'rotation-due': {
    meaning: 'Secrets are rotated again within 90 days, and the next time is after this one.',
    remedy: 'Choose an earlier nextRotationDue.',
  },
  'route-archived': {
    meaning: 'A route that was archived is not tested.',
    remedy: 'Record the route again without `archived`, or test the one that took its place.',
  },
  'acknowledgement-ends': {
    meaning: 'An acknowledgement ends, and not before it begins.',
    remedy: 'Choose an expiresAt in the future.',
  },
  'drift-verdict': {
    meaning:
      'The verdict of a drift report follows from its findings: drift where one counts, otherwise unknown where something could not be looked at, otherwise none. An ignored finding counts again when its time is over.',
    remedy: 'Correct the verdict, or the findings.',
  },
  'incident-order': {
    meaning: 'An incident goes open → mitigated → closed, and one that is closed stays so.',
    remedy: 'Open another incident.',
  },
  'incident-closed-at': {
    meaning: 'Only a closed incident says when it was closed.',
    remedy: CORRECT_DATA,
  },
  'drill-result': {
    meaning: 'A drill in which a step failed did not succeed.',
    remedy: CORRECT_DATA,
  },
  'correction-of': {
    meaning:
      'What is said about runs, changes, upkeep and nodes can be corrected. Who may sign, evidence, approvals, applies, merges and corrections cannot: they are followed by another record.',
    remedy: 'Record the next fact instead, such as new evidence; correct the original record, not its correction.',
  },
  'correction-by': {
    meaning: 'A record is corrected by who signed it, or by an admin.',
    remedy: 'Ask one of them.',
  },
  'correction-data': {
    meaning: 'The data of a correction is whole data of the type that it amends, about the same thing.',
    remedy: 'Take the data of the record, change what is wrong, and keep its ids.',
  },
  'correction-history': {
    meaning: 'With a correction, all records keep the rules, also those that came after the one that it amends.',
    remedy: 'Correct what the message names first, or otherwise.',
  },
  'tombstone-artifact': {
    meaning: 'A tombstone is for a file that a record named, with the hash that it named, and stands once.',
    remedy: 'Take path and hash from the record: `larder ledger show`.',
  },
  'merge-parents': {
    meaning: 'A merge names each of its parents once, and follows the first.',
    remedy: 'Let `larder ledger merge` write it.',
  },
  'merge-conflicts': {
    meaning: 'A merge lists exactly the records that break a rule beside the other branch and not in their own.',
    remedy: 'Let `larder ledger merge` write it.',
  },
} as const satisfies Readonly<Record<string, Meaning>>;

export type RuleId = keyof typeof ruleMeanings;
