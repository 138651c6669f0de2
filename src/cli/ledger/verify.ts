import type { Command } from 'commander';
import { messageOf } from '../../kube/error.ts';
import { type Finding, findingKinds, isBreak } from '../../ledger/finding.ts';
import { configMapSource } from '../../ledger/head-config-map.ts';
import { HEADS_NAMESPACE } from '../../ledger/head-name.ts';
import type { HeadSource } from '../../ledger/head-source.ts';
import { trailerSource } from '../../ledger/head-trailer.ts';
import type { Ledger, Verification } from '../../ledger/ledger.ts';
import { type Found, lostRecord } from '../../ledger/lost-record.ts';
import { LEDGER_FOLDER } from '../../ledger/record.ts';
import { findRepository } from '../../ledger/repository.ts';
import { cluster } from '../cluster.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type OutputFormat, paint, type Terminal, wrap } from '../output.ts';
import { printOne } from '../print.ts';
import { type CommandContext, examples, outputOption } from '../program.ts';
import { folderOf, kept, openLedger, type PlaceOptions, placed } from './place.ts';

interface VerifyOptions extends PlaceOptions {
  readonly output: OutputFormat;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
  readonly cluster: boolean;
}

/** `larder ledger verify`: exit code 1 when something is not as it was signed. */
export function verify(root: Command, context: CommandContext): void {
  const verb = placed(root.command('verify'))
    .description('Check every record, signature, file of evidence and rule; name the first broken link')
    .addOption(outputOption())
    .option('--no-cluster', 'do not compare with the head that the cluster remembers')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('-n, --namespace <namespace>', 'where the cluster remembers it', HEADS_NAMESPACE);
  examples(verb, ['larder ledger verify', 'larder ledger verify --no-cluster -o json']).action(
    (options: VerifyOptions) => kept(() => run(context, options)),
  );
}

async function run(context: CommandContext, options: VerifyOptions): Promise<void> {
  const { terminal } = context;
  const root = folderOf(terminal, options);
  let ledger: Ledger | undefined;
  const id = (): string | undefined => ledger?.state.ledger?.ledgerId;
  ledger = await openLedger({ root, heads: [trailerSource(root), clusterSource(context, options, id)] });
  const verification = await ledger.verify();
  const wayBack = await wayBackFrom(ledger.root, verification.findings);
  const value = { ...told(ledger, verification), ...(wayBack.length > 0 && { wayBack }) };
  printOne(terminal, options.output, value, () => text(terminal, ledger, verification, wayBack));
  if (verification.kind === 'broken') throw new Exit(exitCodes.finding, '');
}

/** Which ledger it is, the records say; they are read before anybody looks. */
function clusterSource(context: CommandContext, options: VerifyOptions, id: () => string | undefined): HeadSource {
  const name = 'the cluster';
  const { namespace } = options;
  return {
    name,
    async look(signal) {
      if (!options.cluster) return { kind: 'not-looked', why: '--no-cluster' };
      const ledgerId = id();
      if (ledgerId === undefined) return { kind: 'not-looked', why: 'no record says which ledger this is' };
      try {
        return await cluster(context, options, (client) =>
          configMapSource({ client, namespace, ledgerId }).look(signal),
        );
      } catch (cause) {
        return { kind: 'not-looked', why: messageOf(cause) };
      }
    },
  };
}

function told(ledger: Ledger, { kind, findings, looked, counts }: Verification): object {
  const head = ledger.records.length === 0 ? {} : { head: { seq: ledger.head.seq, hash: ledger.head.hash } };
  return { kind, root: ledger.root, ...head, counts, looked, findings };
}

/** Of the newest record that is missing: with it all come back that it follows. */
async function wayBackFrom(root: string, findings: readonly Finding[]): Promise<readonly string[]> {
  const missing = findings.filter(({ kind, hash }) => kind === 'truncated' && hash !== undefined);
  const newest = missing.toSorted((a, b) => (b.seq ?? 0) - (a.seq ?? 0))[0];
  if (newest?.hash === undefined) return [];
  const found = await lostRecord(root, newest.hash);
  const which = `record ${newest.seq}`;
  if (found === undefined) return [`no commit of this clone has ${which}: run git pull, or ask who recorded it`];
  return [`${which} is in commit ${found.commit}${await next(root, found)}`];
}

async function next(root: string, { commit, branches, isBehind }: Found): Promise<string> {
  const [branch] = branches;
  if (isBehind) return `, and was taken out later: git checkout ${commit} -- ${LEDGER_FOLDER} brings it back`;
  if (branch === undefined) return `, which no branch has any more: git merge ${commit} brings it back`;
  const { branch: current } = await (await findRepository(root)).checkedOut();
  const command = current === 'HEAD' ? `git switch ${branch.replace(/^origin\//, '')}` : `git merge ${branch}`;
  return ` of ${branches.join(', ')}: ${command} brings it back`;
}

function text(
  terminal: Terminal,
  ledger: Ledger,
  { kind, findings, looked, counts }: Verification,
  wayBack: readonly string[],
): string {
  const breaks = findings.filter(isBreak);
  const notices = findings.filter((finding) => !isBreak(finding));
  const verdict = kind === 'whole' ? paint(terminal, 'green', 'whole') : paint(terminal, 'red', 'BROKEN');
  const holds = `${counted(counts.records, 'record')}, ${counted(counts.artifacts, 'file')} of evidence`;
  const parts = [
    `${verdict}: ${ledger.root}, ${holds}${findings.length === 0 ? '' : `, ${counted(breaks.length, 'break')}`}`,
    ...chapters(terminal, breaks, (index) => (index === 0 ? 'first broken link' : 'also')),
    ...wayBack.map((line) => wrap(`way back: ${line}`, terminal.columns)),
    ...chapters(terminal, notices, () => 'notice'),
    `Compared with the newest record that was seen by\n${looked.map(lookedLine(terminal)).join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** More of them help nobody who reads. */
const TOLD_AT_MOST = 20;

/** What to do is said once for each kind. */
function chapters(
  { columns }: Terminal,
  findings: readonly Finding[],
  title: (index: number) => string,
): readonly string[] {
  const told = findings.slice(0, TOLD_AT_MOST).map(({ kind, message }, index) => {
    const said = wrap(`${title(index)}: ${message} [${kind}]`, columns);
    const isFirst = findings.findIndex((each) => each.kind === kind) === index;
    return isFirst ? `${said}\n${indented(findingKinds[kind].remedy, columns)}` : said;
  });
  const left = findings.length - told.length;
  return left === 0 ? told : [...told, `… and ${left} more: -o json has them all`];
}

function indented(sentence: string, columns: number): string {
  return wrap(sentence, columns - 2)
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** A place that was not looked at is told as that: it is no proof of anything. */
function lookedLine(terminal: Terminal): (looked: Verification['looked'][number]) => string {
  return (looked) => {
    if (looked.kind === 'not-looked') {
      return indented(
        `${looked.source}: ${paint(terminal, 'yellow', 'not looked at')}: ${looked.why}`,
        terminal.columns,
      );
    }
    const what = looked.heads === 0 ? (looked.note ?? 'nothing seen yet') : counted(looked.heads, 'head');
    const also = looked.heads > 0 && looked.note !== undefined ? ` (${looked.note})` : '';
    return indented(`${looked.source}: ${what}${also}`, terminal.columns);
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
