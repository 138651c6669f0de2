/** `larder explain`: a decision with everything that led to it, for a terminal of 80 columns and as JSON. */
import type { Claim } from './claim.ts';
import type { Constraints } from './constraints.ts';
import { type Decision, type Gate, type Json, type Measure, toJson } from './decision.ts';
import { forecastText } from './forecast/forecast-text.ts';
import type { Growth } from './history.ts';
import { type Layer, overruled, type Resolution, type Resolved } from './policy/policy.ts';
import { exactRatio, readableBytes, readableDuration, readableList, readableRatio, readableTime } from './readable.ts';
import { type SettingName, settingKeys } from './settings/settings.ts';
import { summaryOf } from './summary.ts';
import type { Grown } from './usage/grown.ts';
import { type Sample, sampleSource } from './usage/source.ts';

export interface Explanation {
  readonly decision: Decision;
  readonly claim: Claim;
  readonly layers: readonly Layer[];
  readonly resolution: Resolution;
  readonly constraints: Constraints;
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Oldest first. */
  readonly growths: readonly Growth[];
  readonly grown: readonly Grown[];
  /** What does not fit elsewhere, for example that a named policy is not looked up. */
  readonly notes: readonly string[];
}

const WIDTH = 80;
const SHOWN_SAMPLES = 5;
const marks = { pass: '+', fail: 'x', skip: '-' } as const;

/** Lines of at most 80 columns, ending in a line feed. The first says what happens and why. */
export function explain(explanation: Explanation): string {
  const { decision, claim, notes } = explanation;
  const lines = [
    ...wrap(`${decision.claim}: ${summaryOf(decision)}`, '', '  '),
    '',
    ...row('Verdict', `${decision.verdict.kind} (${decision.state})`),
    ...row('Next', nextText(decision)),
    ...row('Size', sizeText(claim)),
    ...row('Used', fillText(decision)),
    ...forecastText(decision, explanation.grown).flatMap(([title, text]) => row(title, text)),
    ...row('Provider', providerText(explanation.constraints)),
    ...notes.flatMap((note) => row('Note', note)),
    '',
    'Settings',
    ...settingLines(explanation),
    '',
    'Gates (+ passed, x failed, - does not apply; the first that decides wins)',
    ...decision.gates.flatMap(gateLines),
    '',
    ...listed(
      'Measurements',
      explanation.samples.slice(-SHOWN_SAMPLES).map((sample) => sampleText(sample, decision.at)),
    ),
    '',
    ...listed('Expansions', explanation.growths.map(growthText)),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same as data: bytes and counts as decimal strings, times as epoch ms, ratios 0–1. */
export function explanationToJson({
  decision,
  claim,
  resolution,
  layers,
  constraints,
  samples,
  growths,
  grown,
  notes,
}: Explanation): Json {
  const settings: Record<string, unknown> = {};
  for (const [name, resolved] of settingsOf(resolution)) {
    settings[settingKeys[name]] = {
      value: resolved?.value,
      source: resolved?.source.label ?? 'unset',
      overruled: overruled(layers, name).map(({ label }) => label),
    };
  }
  const { management, problems } = resolution;
  const summary = summaryOf(decision);
  return toJson({
    summary,
    ...decision,
    claim,
    key: decision.claim,
    management,
    problems,
    settings,
    constraints,
    samples,
    growths,
    grown,
    notes,
  });
}

/** `aws gp3 (CSI driver ebs.csi.aws.com; class parameter type)`. */
function providerText({ provider, detectedBy, volume: { volumeType, typeFrom } }: Constraints): string {
  const name = volumeType === '' ? provider : `${provider} ${volumeType}`;
  return `${name} (${volumeType === '' || typeFrom === undefined ? detectedBy : `${detectedBy}; ${typeFrom}`})`;
}

function nextText({ next, at }: Decision): string {
  if (next.at === undefined) return next.action;
  const inMs = next.at - at;
  return inMs <= 0
    ? `${next.action}, now`
    : `${next.action}, at ${readableTime(next.at)} (in ${readableDuration(inMs)})`;
}

function sizeText({ requestBytes, capacityBytes }: Claim): string {
  if (capacityBytes === requestBytes) return readableBytes(requestBytes);
  return `${readableBytes(requestBytes)} requested, ${readableBytes(capacityBytes)} there`;
}

function fillText({ fill, at }: Decision): string {
  if (!fill) return 'no measurement that can be trusted';
  const age = readableDuration(at - fill.at);
  const inodes = fill.inodesRatio === undefined ? '' : `, inodes ${readableRatio(fill.inodesRatio)}`;
  const share = `${readableBytes(fill.usedBytes)} of ${readableBytes(fill.capacityBytes)} (${readableRatio(fill.ratio)}${inodes})`;
  return `${share}, ${age} ago (${fill.source})`;
}

function settingsOf({ settings }: Resolution): readonly (readonly [SettingName, Resolved<unknown> | undefined])[] {
  const {
    threshold,
    inodesThreshold,
    increase,
    minScaleUp,
    maxStep,
    maxSize,
    cooldown,
    fullWithin,
    initialSize,
    window,
    approvalAbove,
    snapshotAbove,
    policy,
    group,
    provider,
    volumeType,
  } = settings;
  return [
    ['threshold', threshold],
    ['inodesThreshold', inodesThreshold],
    ['increase', increase],
    ['minScaleUp', minScaleUp],
    ['maxStep', maxStep],
    ['maxSize', maxSize],
    ['cooldown', cooldown],
    ['fullWithin', fullWithin],
    ['initialSize', initialSize],
    ['window', window],
    ['approvalAbove', approvalAbove],
    ['snapshotAbove', snapshotAbove],
    ['policy', policy],
    ['group', group],
    ['provider', provider],
    ['volumeType', volumeType],
  ];
}

function settingLines({ resolution, layers }: Explanation): readonly string[] {
  const { settings: s, management, problems } = resolution;
  const enabled = management.kind === 'managed' ? `true    ${management.source.label}` : management.kind;
  const shown: readonly (readonly [SettingName, string | undefined])[] = [
    ['threshold', exactRatio(s.threshold.value)],
    ['inodesThreshold', exactRatio(s.inodesThreshold.value)],
    [
      'increase',
      s.increase.value.kind === 'quantity' ? readableBytes(s.increase.value.bytes) : exactRatio(s.increase.value.ratio),
    ],
    ['minScaleUp', readableBytes(s.minScaleUp.value)],
    ['maxStep', s.maxStep && readableBytes(s.maxStep.value)],
    ['maxSize', s.maxSize.value === 'unlimited' ? 'unlimited' : readableBytes(s.maxSize.value)],
    ['cooldown', readableDuration(s.cooldown.value)],
    ['fullWithin', s.fullWithin && (s.fullWithin.value === 0 ? 'off' : readableDuration(s.fullWithin.value))],
    ['initialSize', s.initialSize && readableBytes(s.initialSize.value)],
    ['window', s.window?.value.text],
    ['approvalAbove', s.approvalAbove && sizeOrNever(s.approvalAbove.value)],
    ['snapshotAbove', s.snapshotAbove && shareOrNever(s.snapshotAbove.value)],
    ['policy', s.policy?.value],
    ['group', s.group?.value],
    ['provider', s.provider?.value],
    ['volumeType', s.volumeType?.value],
  ];
  const lines = [`  ${'enabled'.padEnd(18)}${enabled}`];
  for (const [name, value] of shown) {
    if (value === undefined) continue;
    const source = settingsOf(resolution).find(([other]) => other === name)?.[1]?.source.label ?? '';
    const lost = overruled(layers, name).filter(({ level }) => level !== 'built-in');
    const over = lost.length === 0 ? '' : `, over ${readableList(lost.map(({ label }) => label))}`;
    const said = value.length < 8 ? value.padEnd(8) : `${value}  `;
    lines.push(...wrap(`${said}${source}${over}`, `  ${settingKeys[name].padEnd(18)}`, ' '.repeat(28)));
  }
  const unread = management.kind === 'invalid' ? [management.problem] : [];
  const bad = [...unread, ...problems].map(
    ({ field, value, reason, source }) => `${field} is "${value}" (${source.label}): it ${reason}`,
  );
  return [...lines, ...bad.flatMap((problem) => wrap(problem, '  ! ', '    '))];
}

const sizeOrNever = (size: bigint | 'never'): string => (size === 'never' ? size : readableBytes(size));
const shareOrNever = (share: number | 'never'): string => (share === 'never' ? share : exactRatio(share));

function gateLines({ name, outcome, compared, reason }: Gate): readonly string[] {
  // Neighbours of one source share its name.
  const numbers = compared
    .map((measure, index) => {
      const source = compared[index + 1]?.source === measure.source ? '' : ` (${measure.source})`;
      return `${measure.what} ${measureText(measure)}${source}`;
    })
    .join('; ');
  const said = [reason, numbers].filter((part) => part !== '').join('; ');
  return wrap(said, `  ${marks[outcome]} ${name.padEnd(21)}`, ' '.repeat(25));
}

function measureText(measure: Measure): string {
  switch (measure.unit) {
    case 'bytes':
      return readableBytes(measure.value);
    case 'ratio':
      return readableRatio(measure.value);
    case 'duration':
      return readableDuration(measure.value);
    case 'time':
      return readableTime(measure.value);
    case 'count':
      return String(measure.value);
    case 'text':
      return measure.value;
    default:
      return measure satisfies never;
  }
}

function sampleText(sample: Sample, now: number): string {
  const { at, usedBytes, availableBytes, capacityBytes, inodes } = sample;
  const count = inodes ? `, inodes ${inodes.used} of ${inodes.total}` : '';
  const size = `${readableBytes(usedBytes)} used, ${readableBytes(availableBytes)} available of ${readableBytes(capacityBytes)}`;
  return `${readableTime(at)} (${readableDuration(now - at)} ago)  ${size}${count} (${sampleSource(sample)})`;
}

function growthText({ at, fromBytes, toBytes, trigger }: Growth): string {
  return `${readableTime(at)}  ${readableBytes(fromBytes)} to ${readableBytes(toBytes)}, for ${trigger}`;
}

function listed(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [`${title}: none`];
  return [title, ...items.flatMap((item) => wrap(item, '  ', '    '))];
}

function row(title: string, value: string): readonly string[] {
  return wrap(value, `${title}:`.padEnd(11), ' '.repeat(11));
}

/** Breaks at spaces, and inside a word only where it is longer than a line. */
function wrap(content: string, first: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let fresh = true;
  for (const word of content.split(' ')) {
    let rest = word;
    if (!fresh && line.length + 1 + rest.length <= WIDTH) {
      line += ` ${rest}`;
      continue;
    }
    if (!fresh) {
      lines.push(line.trimEnd());
      line = indent;
    }
    while (line.length + rest.length > WIDTH) {
      const room = WIDTH - line.length;
      lines.push(line + rest.slice(0, room));
      rest = rest.slice(room);
      line = indent;
    }
    line += rest;
    fresh = false;
  }
  return [...lines, line.trimEnd()];
}
