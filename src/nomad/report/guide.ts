import type { RenderedModule } from '../output/render.ts';
import { count } from './count.ts';
import { codeText, plainText, table } from './markdown-text.ts';
import type { Report, ReportAccount, ReportModule } from './report.ts';
import { shellWord } from './shell-word.ts';

export interface GuideInput {
  readonly module: ReportModule;
  readonly rendered: RenderedModule;
  /** Of this module's file. */
  readonly accounts: readonly ReportAccount[];
  readonly questions: Report['questions'];
}

/** `MIGRATION.md` of a module: what was written, what to decide, and how to change over from the one to the other. */
export function guide({ module, rendered, accounts, questions }: GuideInput): string {
  const own = questions.filter(({ id }) => id.startsWith(`${module.name}.`));
  const changed = accounts.filter(({ class: kind }) => kind === 'approximate' || kind === 'dropped');
  const parts = [
    `# ${plainText(module.job)}`,
    `Made from ${codeText(module.file)}. ${countsText(module)}`,
    '## What was written',
    table(
      ['File', 'Kind', 'Name'],
      rendered.manifests.map(({ file, kind, name }) => [codeText(`manifests/${file}`), kind, codeText(name)]),
    ),
    '## Decide',
    decisions(module, own),
    ...(changed.length === 0
      ? []
      : [
          '## What is different',
          table(
            ['Line', 'What', 'How'],
            changed.map(({ line, path, text }) => [String(line), codeText(path), plainText(text)]),
          ),
        ]),
    ...(rendered.manifests.some(({ kind }) => RUNS.has(kind))
      ? ['## Change over', numbered(steps(module, rendered)), '## Roll back', numbered(rollBack(module, rendered))]
      : ['## Change over', NOTHING_RUNS]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function countsText({ counts: { direct, approximate, manual, dropped } }: ReportModule): string {
  const same = `${count(direct, 'line is', 'lines are')} the same in Kubernetes`;
  const other = `${count(approximate, 'behaves', 'behave')} a little differently`;
  return `${same}, ${other}, ${count(manual, 'needs', 'need')} a person, ${count(dropped, 'means', 'mean')} nothing there.`;
}

const NOTHING_RUNS =
  'Not yet: nothing of this job would run in Kubernetes. Leave it on Nomad, decide what stands above, and convert it again.';

function numbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${index + 1}. ${line}`).join('\n');
}

function decisions({ todos }: ReportModule, questions: Report['questions']): string {
  const lines = [
    ...[...Map.groupBy(todos, ({ text }) => text)].map(
      ([text, same]) => `- [ ] ${linesOf(same.map(({ line }) => line))}: ${plainText(text)}`,
    ),
    ...questions.map(({ id, text, value, answered }) =>
      answered
        ? `- [x] ${plainText(text)} ${codeText(value)}`
        : `- [ ] ${plainText(text)} Nobody answered, so ${codeText(value)} was written; the answer's key is ${codeText(id)}.`,
    ),
  ];
  return lines.length === 0 ? 'Nothing is left to decide.' : lines.join('\n');
}

function linesOf(lines: readonly number[]): string {
  const each = [...new Set(lines)];
  return `${each.length === 1 ? 'line' : 'lines'} ${each.join(', ')}`;
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
const RUNS = new Set([...WORKLOADS, 'CronJob', 'Job']);
const STORES = new Set(['PersistentVolumeClaim', 'PersistentVolume']);
const SECRETS = new Set(['ExternalSecret', 'Secret']);
const ROUTES = new Set(['Ingress', 'IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP']);

function steps(module: ReportModule, { manifests, folder, namespace }: RenderedModule): readonly string[] {
  const of = (kinds: ReadonlySet<string>) => manifests.filter(({ kind }) => kinds.has(kind));
  const stores = of(STORES);
  const secrets = of(SECRETS);
  const routes = of(ROUTES);
  const target = `module.${module.name}`;
  return [
    `Review: read ${codeText(folder)}, run ${codeText('larder nomad check')} on the folder of the output, then ${codeText('terraform init')} and ${codeText(`terraform plan -target=${target}`)}.`,
    ...(secrets.length === 0
      ? []
      : [
          `Copy the secrets: every key that ${secrets.map(({ file }) => codeText(`manifests/${file}`)).join(', ')} names must be in the store before the pods start.`,
        ]),
    ...(manifests.some(({ text }) => text.includes('litestream'))
      ? ['See that the replica of litestream is as new as the database: the pods begin with what it holds.']
      : []),
    `Stop the job on Nomad, and wait until its allocations are gone: ${codeText(`nomad job stop ${shellWord(module.job)}`)}.${manifests.some(({ kind }) => kind === 'CronJob') ? ' What its schedule has begun already is a job of its own, which ends by itself or is stopped too.' : ''} Two writers on one set of data destroy it.`,
    ...(stores.length === 0
      ? []
      : [
          `Check the data: every directory or volume that ${stores.map(({ file }) => codeText(`manifests/${file}`)).join(', ')} names is there, and a backup of it can be read. A class of Larder that takes directories with data only where it is told to wants ${codeText(`kubectl annotate namespace ${namespace} larder.dev/adopt=true`)} before, and ${codeText('larder.dev/adopt-')} after.`,
        ]),
    `Apply: ${codeText(`terraform apply -target=${target}`)}.`,
    ...of(WORKLOADS).map(
      ({ kind, name }) => `Wait: ${codeText(`kubectl -n ${namespace} rollout status ${kind.toLowerCase()}/${name}`)}.`,
    ),
    ...(stores.length === 0
      ? []
      : [
          `See that it found its data: ${codeText(`kubectl -n ${namespace} get pvc`)} says Bound, and the application shows what it held before.`,
        ]),
    ...(routes.length === 0
      ? []
      : [
          `Route: point the hosts of ${routes.map(({ file }) => codeText(`manifests/${file}`)).join(', ')} at the cluster, and open each once.`,
        ]),
    ...(module.calls.length === 0
      ? []
      : [
          `It calls ${module.calls.map(plainText).join(', ')}: see that each answers, also while one of them is on Nomad still.`,
        ]),
    `When it has run for as long as you need to trust it: ${codeText(`nomad job stop -purge ${shellWord(module.job)}`)}.`,
  ];
}

function rollBack(module: ReportModule, { manifests, namespace }: RenderedModule): readonly string[] {
  const workloads = manifests.filter(({ kind }) => WORKLOADS.has(kind));
  const cron = manifests.filter(({ kind }) => kind === 'CronJob');
  return [
    ...workloads
      .filter(({ kind }) => kind !== 'DaemonSet')
      .map(
        ({ kind, name }) =>
          `Stop the pods: ${codeText(`kubectl -n ${namespace} scale ${kind.toLowerCase()}/${name} --replicas=0`)}.`,
      ),
    ...workloads
      .filter(({ kind }) => kind === 'DaemonSet')
      .map(({ name }) => `Stop the pods: ${codeText(`kubectl -n ${namespace} delete daemonset/${name}`)}.`),
    ...cron.map(
      ({ name }) =>
        `Suspend: ${codeText(`kubectl -n ${namespace} patch cronjob/${name} -p '{"spec":{"suspend":true}}'`)}.`,
    ),
    `Wait until they are gone: ${codeText(`kubectl -n ${namespace} get pods -l app=${module.name}`)}.`,
    'Point the routes back, then start the job on Nomad as it was: its file was not changed.',
    'The claims and the directories stay: nothing here removes data.',
  ];
}
