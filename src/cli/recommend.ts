import { type Command, Option } from 'commander';
import type { z } from 'zod';
import type { Providers } from '../expand/provider.ts';
import { readableDuration } from '../expand/readable.ts';
import { type AttributesAdvice, attributesAdvice } from '../expand/recommend/attributes-advice.ts';
import { GP3_IOPS, GP3_THROUGHPUT } from '../expand/recommend/gp3.ts';
import { planOf, type Step } from '../expand/recommend/plan.ts';
import { type Advice, recommend as adviceOn, type RecommendRules } from '../expand/recommend/recommend.ts';
import { parseDuration } from '../expand/settings/settings.ts';
import type { Prices } from '../expand/simulate/outcome.ts';
import { type RecordedClaim, recordedObject } from '../expand/simulate/recording.ts';
import { keyOf, kinds, parseQuantity, type StorageClass } from '../kube/index.ts';
import { yamlText } from '../kube/yaml-text.ts';
import { recordingAnswer, seriesAnswer } from '../operator/record-api.ts';
import { systemClock } from '../telemetry/clock.ts';
import { namespaceOption } from './address-of.ts';
import { type ClaimArgument, claim as claimIn } from './claim.ts';
import { acrossContexts, type ContextsOptions, type FromContext, gather, withContext } from './contexts.ts';
import { Exit, exitCodes } from './exit.ts';
import { humanBytes } from './output.ts';
import { PRICES_FILE, pricesFile } from './prices-file.ts';
import { type Column, print, printOne } from './print.ts';
import { asking, type CommandContext, examples } from './program.ts';
import { askOperator, type OperatorAddress } from './reach.ts';
import { recordedSettings } from './recorded-settings.ts';

interface RecommendOptions extends ContextsOptions {
  readonly since: string;
  readonly prices?: string;
}

interface Row {
  readonly claim: string;
  readonly request: string;
  readonly volumeType: string;
  readonly advice: Advice;
  /** Of what it saves; empty: nobody said. */
  readonly currency: string;
  readonly plan: readonly Step[];
}

/** `larder recommend`: sizes and types that would suit what was measured. Changes nothing. */
export function recommend(program: Command, context: CommandContext): void {
  const verb = acrossContexts(
    asking(
      program
        .command('recommend [claim]')
        .description('Say which volumes are larger than they need to be, or would cost less as another type'),
    ),
  )
    .addOption(new Option('--since <duration>', 'how far back to look').default('30d'))
    .addOption(new Option('--prices <file>', `${PRICES_FILE} (default: the setting prices of the operator)`));
  examples(verb, ['larder recommend', 'larder recommend pvc/myapp-data -n default']).action(
    (text: string | undefined, options: RecommendOptions) => run(context, text, options),
  );
}

async function run(context: CommandContext, text: string | undefined, options: RecommendOptions): Promise<void> {
  const since = parseDuration(options.since);
  if (!since.ok || since.value === 0) {
    const why = since.ok ? 'must be more than nothing' : since.reason;
    throw new Exit(exitCodes.usage, `--since "${options.since}" ${why}`);
  }
  if (text !== undefined && options.contexts !== undefined) {
    throw new Exit(
      exitCodes.usage,
      'the plan for one claim is for one cluster: name it with --context, not --contexts',
    );
  }
  const to = systemClock.now();
  const question: Question = {
    wanted: text === undefined ? undefined : claimIn(text, namespaceOption(context, options)),
    namespace: options.namespace,
    span: `from=${to - since.value}&to=${to}`,
    prices: options.prices === undefined ? undefined : pricesFile(options.prices),
  };
  const { rows, settle } = await gather(context, options, (address) => rowsOf(question, address));
  show(context, { rows, options, single: text !== undefined });
  settle();
}

interface Question {
  /** One claim; undefined: all, or those of the namespace. */
  readonly wanted: ClaimArgument | undefined;
  readonly namespace: string | undefined;
  readonly span: string;
  /** Undefined: those of the operator. */
  readonly prices: Prices | undefined;
}

async function rowsOf(
  { wanted, namespace, span, prices }: Question,
  address: OperatorAddress,
): Promise<readonly Row[]> {
  const { head, objects, claims } = await askOperator(address, recordingAnswer, { path: `/api/recording?${span}` });
  const chosen = claims.filter((claim) =>
    wanted
      ? claim.namespace === wanted.namespace && claim.name === wanted.name
      : namespace === undefined || claim.namespace === namespace,
  );
  if (wanted && chosen.length === 0) {
    throw new Exit(exitCodes.finding, `there is no bound claim ${wanted.namespace}/${wanted.name}`);
  }
  const { configuration, providers } = recordedSettings(head, `the settings of ${address.url}`);
  const counted = prices ?? configuration.values.prices;
  const look = observerOf(classesIn(objects), providers);
  const rows: Row[] = [];
  for (const claim of chosen.toSorted(byKey)) {
    const path = `/api/claims/${encodeURIComponent(claim.namespace)}/${encodeURIComponent(claim.name)}/series?${span}`;
    const { points } = await askOperator(address, seriesAnswer, { path });
    rows.push(...(await look(claim, points, counted)));
  }
  return rows;
}

function byKey(one: RecordedClaim, other: RecordedClaim): number {
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

function classesIn(objects: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, StorageClass> {
  const classes = objects
    .filter(({ kind }) => kind === 'StorageClass')
    .map((raw) => kinds.StorageClass.project({ ...raw, apiVersion: 'storage.k8s.io/v1' }));
  return new Map(classes.map((each) => [each.metadata.name, each]));
}

type Points = z.infer<typeof seriesAnswer>['points'];

function observerOf(classes: ReadonlyMap<string, StorageClass>, providers: Providers) {
  return async (claim: RecordedClaim, points: Points, prices: Prices): Promise<readonly Row[]> => {
    const storageClass = classes.get(claim.storageClassName);
    const attributes = attributesAdvice(claim, storageClass?.provisioner ?? '');
    const given = {
      claim: recordedObject(claim, []),
      volume: undefined,
      storageClass,
      volumeType: claim.annotations['pvc-chonker.io/aws-volume-type'],
      ...(attributes?.kind === 'attributes-set' ? { attributes } : {}),
    };
    const { provider } = providers.detect(given, claim.annotations['pvc-chonker.io/provider']);
    const found = await provider.getVolumeConstraints(given);
    const requested = parseQuantity(claim.request);
    // Where nobody knows what a VolumeAttributesClass made of it, nothing is said about its type.
    const { tiers: _, ...untyped } = { ...found, volumeType: '' };
    const constraints = attributes === undefined || attributes.kind === 'attributes-set' ? found : untyped;
    const requestBytes = requested.ok ? requested.value : 0n;
    const advice = adviceOn(
      { requestBytes, points, provider: provider.name, constraints, attributes },
      rulesOf(prices),
    );
    return advice.map((each) => ({
      claim: keyOf(claim),
      request: claim.request,
      volumeType: constraints.volumeType,
      advice: each,
      currency: prices.currency,
      plan: planOf(each, claim),
    }));
  };
}

/** As sizes that look ahead have it. */
const TARGET_USE = 0.75;

function rulesOf({ perType }: Prices): RecommendRules {
  return { targetUse: TARGET_USE, priceOf: (type) => perType[type] ?? perType['*'] };
}

interface Shown {
  readonly rows: readonly FromContext<Row>[];
  readonly options: RecommendOptions;
  readonly single: boolean;
}

function show({ terminal }: CommandContext, { rows, options, single }: Shown): void {
  if (options.output !== 'table') {
    printOne(terminal, options.output, rows, () => '');
    return;
  }
  if (rows.length === 0) {
    const where = options.namespace === undefined ? '' : ` in the namespace ${options.namespace}`;
    terminal.err(`There is no bound claim${where} to advise on.\n`);
    return;
  }
  print(terminal, 'table', rows, withContext(options, columnsFor(rows)));
  const plans = rows.filter(({ plan }) => plan.length > 0);
  if (single) for (const row of plans) terminal.out(`\n${planText(row)}`);
  else if (plans.length > 0) terminal.err('How to: larder recommend pvc/NAME -n NAMESPACE\n');
}

function columnsFor(rows: readonly Row[]): readonly Column<Row>[] {
  const columns: readonly Column<Row>[] = [
    { title: 'CLAIM', value: ({ claim }) => claim, cut: 'start' },
    { title: 'SIZE', value: ({ request }) => request },
    { title: 'TYPE', value: ({ volumeType }) => volumeType || '-' },
    { title: 'ADVICE', value: ({ advice }) => adviceText(advice) },
  ];
  if (rows.every(({ advice }) => savesOf(advice) === undefined)) return columns;
  const [currency = '', ...others] = new Set(rows.map((row) => row.currency));
  // Clusters may have prices of several currencies: each row then says which it is.
  const one = others.length === 0;
  const title = one && currency !== '' ? `SAVES ${currency}/MONTH` : 'SAVES/MONTH';
  const saves = (row: Row): string => {
    const saved = savesOf(row.advice)?.toFixed(2) ?? '';
    return one || saved === '' ? saved : `${saved} ${row.currency}`.trim();
  };
  return [...columns, { title, value: saves, align: 'right' }];
}

function savesOf(advice: Advice): number | undefined {
  return advice.kind === 'shrink' || advice.kind === 'gp3' ? advice.saves : undefined;
}

function adviceText(advice: Advice): string {
  switch (advice.kind) {
    case 'shrink':
      return `${humanBytes(advice.toBytes)} would do: never more than ${humanBytes(advice.peakBytes)} was used, ${humanBytes(advice.grownBytes)} came in that time`;
    case 'gp3':
      return `gp3 with ${advice.iops} IOPS and ${advice.throughputMib} MiB/s is as fast and costs less`;
    case 'tier':
      return `growing to ${humanBytes(advice.toBytes)} costs nothing: it is the size that is paid for`;
    case 'too-little-history':
      return `too little history for its size: ${readableDuration(advice.haveMs)} of ${readableDuration(advice.needMs)}`;
    case 'nominal':
      return 'none: its size reserves nothing';
    case 'keep':
      return `none: up to ${humanBytes(advice.peakBytes)} was used`;
    case 'attributes-set':
    case 'attributes-foreign':
    case 'attributes-absent':
    case 'attributes-unread':
      return attributesText(advice);
    default:
      return advice satisfies never;
  }
}

function attributesText(advice: AttributesAdvice): string {
  const named = `its VolumeAttributesClass ${advice.name}`;
  switch (advice.kind) {
    case 'attributes-set': {
      const sets = Object.entries(advice.parameters).map(([key, value]) => `${key} ${value}`);
      const dearer = `; of gp3 more than ${GP3_IOPS} IOPS and ${GP3_THROUGHPUT} MiB/s is paid for besides`;
      return `${named} sets ${sets.join(', ') || 'nothing'}${advice.besides ? dearer : ''}`;
    }
    case 'attributes-foreign':
      return `${named} is for volumes of ${advice.driver} and this one is of ${advice.volumeDriver}: name another, or none`;
    case 'attributes-absent':
      return `${named} does not exist: make it, or name another; nothing is known of its type`;
    case 'attributes-unread':
      return `${named} was not read (${advice.why}): nothing is known of its type`;
    default:
      return advice satisfies never;
  }
}

function planText({ advice, plan }: Row): string {
  const steps = plan.map(({ what, command, manifest }, index) => {
    if (manifest) return `# ${index + 1}. ${what}\n${command} <<'END'\n${yamlText(manifest)}END\n`;
    return `# ${index + 1}. ${what}\n${command === '' ? '' : `${command}\n`}`;
  });
  return `# ${adviceText(advice)}\n${steps.join('')}`;
}
