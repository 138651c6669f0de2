/** Broken variants of what rules on growth, each with the history that catches it (see mutants.ts). */
import type { Patch } from './patch.ts';

const policies = 'policies speak for claims that say nothing, and change their mind/1';
const people = 'growth is paused, approved and wished for/1';
const first = 'first sizes are given to new claims, whether a webhook answers or not/1';
const back = 'what is taken back keeps its size, whatever is said of new claims/1';
const largest = 'a group follows its largest member, as far as it is let/1';
const mean = 'a group goes by the mean of what its members need/1';
const gone = 'the members of a group grow, and go/1';
const budget = 'a namespace has used up what it may grow by in a day, and the process is restarted/1';
const seldom = 'volumes of a cloud are changed seldom/1';
const impossible = 'a cloud calls sizes impossible, and others of the group go by what is granted/1';
const failing = 'a driver fails, and many volumes are full/1';

export const growthMutants: readonly (Patch & { readonly name: string; readonly caughtBy: string })[] = [
  {
    name: 'the weaker of two policies counts',
    caughtBy: policies,
    file: 'src/expand/policy/policy.ts',
    find: '(a, b) => b.priority - a.priority ||',
    replace: '(a, b) => a.priority - b.priority ||',
  },
  {
    name: 'a policy overrules the "false" of a namespace',
    caughtBy: policies,
    file: 'src/expand/policy/policy.ts',
    find: 'of vetoed ? own : layers) {',
    replace: 'of layers) {',
  },
  {
    name: 'a policy speaks louder than the claim itself',
    caughtBy: policies,
    file: 'src/expand/policy/policy.ts',
    find: 'const ordered = [places.claim, places.group, places.policyByName, ...bySelector,',
    replace: 'const ordered = [places.group, places.policyByName, ...bySelector, places.claim,',
  },
  {
    name: 'a policy that is not there stops nothing',
    caughtBy: policies,
    file: 'src/expand/policy/policies.ts',
    find: "nameProblem: name === undefined || named ? '' :",
    replace: "nameProblem: name !== '' ? '' :",
  },
  {
    name: 'what a policy says of the cooldown is not waited for',
    caughtBy: policies,
    file: 'src/expand/api/template.ts',
    find: "      cooldown: readSpelled(duration, ...at('cooldown')),\n",
    replace: '',
  },
  {
    name: 'the pause of a claim is ignored',
    caughtBy: people,
    file: 'src/expand/situation.ts',
    find: "if (isPaused(object.metadata.annotations)) return 'annotation larder.dev/paused';",
    replace: '',
  },
  {
    name: 'the pause of a namespace is ignored',
    caughtBy: people,
    file: 'src/expand/situation.ts',
    find: 'if (namespace && isPaused(namespace.metadata.annotations))',
    replace: 'if (!namespace)',
  },
  {
    name: 'nobody needs to approve anything',
    caughtBy: people,
    file: 'src/expand/size.ts',
    find: "if (approvalAbove && approvalAbove.value !== 'never') {",
    replace: "if (approvalAbove && approvalAbove.value === 'never') {",
  },
  {
    name: 'who is asked for a size by hand forgets the largest one',
    caughtBy: people,
    file: 'src/expand/size.ts',
    find: 'const allowed = binding ? roundDown(binding.bytes, stepBytes) : wantedBytes;',
    replace: 'const allowed = binding && !onlyFloor ? roundDown(binding.bytes, stepBytes) : wantedBytes;',
  },
  {
    name: 'claims that were there before a policy get its first size',
    caughtBy: first,
    file: 'src/expand/initial-floor.ts',
    find: 'if (!(since(initialSize.source, infancy) <= madeAt)) return none(',
    replace: 'if (Number.isNaN(madeAt)) return none(',
  },
  {
    name: 'a webhook that was not there is not made up for',
    caughtBy: first,
    file: 'src/expand/situation.ts',
    find: 'if (!group || !roster) return initial;',
    replace: 'if (!group || !roster) return undefined;',
  },
  {
    name: 'a webhook makes claims smaller than they ask for',
    caughtBy: first,
    file: 'src/expand/initial-size.ts',
    find: 'if (bytes <= requestBytes) return capped',
    replace: 'if (bytes === 0n) return capped',
  },
  {
    name: 'a webhook passes the largest size',
    caughtBy: first,
    file: 'src/expand/initial-size.ts',
    find: 'const bytes = capped ? roundDown(ceiling.bytes, stepSize) : wanted;',
    replace: 'const bytes = wanted;',
  },
  {
    name: 'a webhook resizes claims that a volume waits for',
    caughtBy: back,
    file: 'src/expand/admission.ts',
    find: 'if (spec.volumeName || spec.selector || reserved(key)) return true;',
    replace: 'if (key === reserved.name) return true;',
  },
  {
    name: 'groups reach into namespaces that do not let them',
    caughtBy: largest,
    file: 'src/expand/group/belonging.ts',
    find: 'from === home || isGranted(grant, from);',
    replace: "from !== '';",
  },
  {
    name: 'a grant is not heard',
    caughtBy: largest,
    file: 'src/expand/group/roster.ts',
    find: "this.#stale ||= change.kind !== 'updated' || isChanged(change, GRANT) || isChanged(change, GROUP_NAME);",
    replace: "this.#stale ||= change.kind !== 'updated' || isChanged(change, GROUP_NAME);",
  },
  {
    name: 'members of a group pass its largest size',
    caughtBy: largest,
    file: 'src/expand/group/group.ts',
    find: 'fields: group.spec.template.fields,',
    replace: 'fields: { ...group.spec.template.fields, maxSize: undefined },',
  },
  {
    name: 'the status of a group is written again and again',
    caughtBy: gone,
    file: 'src/expand/group/group-status.ts',
    find: 'return sameJson(wanted, known) ? undefined :',
    replace: 'return !known ? undefined :',
  },
  {
    name: 'what a status no longer says stays in it',
    caughtBy: gone,
    file: 'src/expand/write-status.ts',
    find: '...Object.fromEntries(unsaid), ',
    replace: '',
  },
  {
    name: 'what the group added counts as need of its own',
    caughtBy: mean,
    file: 'src/expand/group/shared-size.ts',
    find: 'if (!followed || last.ownBytes === undefined) return capacityBytes;',
    replace: 'if (!followed || last.ownBytes !== 0n) return capacityBytes;',
  },
  {
    name: 'a budget is not kept',
    caughtBy: budget,
    file: 'src/expand/guard/budget.ts',
    find: 'return limitBytes > spentBytes ? limitBytes - spentBytes : 0n;',
    replace: 'return limitBytes;',
  },
  {
    name: 'a budget is forgotten at a restart',
    caughtBy: budget,
    file: 'src/expand/guard/restraints.ts',
    find: "if (kind !== 'deleted') return spending.follow(object);",
    replace: "if (kind !== 'deleted') return kind === 'updated' ? spending.follow(object) : undefined;",
  },
  {
    name: 'the pause that a cloud wants between changes is not made',
    caughtBy: seldom,
    file: 'src/expand/gate/modification-gates.ts',
    find: 'const interval = modifications?.minIntervalMs ?? 0;',
    replace: 'const interval = modifications === undefined ? 1 : 0;',
  },
  {
    name: 'a request that nobody granted leads a group',
    caughtBy: impossible,
    file: 'src/expand/group/shared-size.ts',
    find: 'return { key: claim.key, bytes: claim.capacityBytes,',
    replace: 'return { key: claim.key, bytes: claim.requestBytes,',
  },
  {
    name: 'a request that is impossible is not taken back',
    caughtBy: impossible,
    file: 'src/expand/controller.ts',
    find: "if (recovery?.kind === 'lower') {",
    replace: "if (recovery?.kind === 'lower' && recovery.toBytes === 0n) {",
  },
  {
    name: 'a request is taken back to less than there is',
    caughtBy: impossible,
    file: 'src/expand/guard/recovery.ts',
    find: 'if (toBytes > capacityBytes && toBytes < requestBytes) return',
    replace: 'if (toBytes < requestBytes) return',
  },
  {
    name: 'a driver that fails is asked for all claims all the same',
    caughtBy: failing,
    file: 'src/expand/guard/circuit.ts',
    find: 'return failures >= rules.failures ? opened(1, rules, nowMs) :',
    replace: 'return failures >= rules.failures * 1000 ? opened(1, rules, nowMs) :',
  },
];
