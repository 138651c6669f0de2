/** The page of limits of storage, from the tables that decide. */
import { driverReasons, type ModificationLimits } from '../../../src/expand/provider.ts';
import { readableDuration } from '../../../src/expand/readable.ts';
import { directoryRows } from '../../../src/providers/directory.ts';
import type { DriverRow, TypeRow } from '../../../src/providers/driver-row.ts';
import { genericDrivers } from '../../../src/providers/generic.ts';
import { cloudTables } from '../../../src/providers/index.ts';
import { optionRows } from '../../../src/providers/options.ts';
import { code, markdownTable, page } from './markdown.ts';

const titles: Readonly<Record<string, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

export function providersPage(): string {
  return page(
    'Providers',
    'What Larder knows about the storage behind a claim, as the code has it. The provider of a claim is, in this order: the setting `provider`; the CSI driver of its volume; the kind of a volume from before CSI; who provisioned it; the provisioner of its class. What nobody knows is `generic`. The type of a volume is: the setting `aws-volume-type`; what the cloud says, where it is asked; the VolumeAttributesClass of the claim; the volume’s attributes; the parameters of its class. `larder explain` shows both, and where they come from.',
    'A figure is as sure as its evidence: **documented** by the vendor, an **API answer** of the cloud that somebody published, said in an **issue** by maintainers, or read in **source code**. The month is the one in which it was read, in stored copies of these pages; where the copy is older, its own date is there too. Where yours differ, `providerConfig` below changes them.',
    ...cloudTables({}).flatMap(({ name, drivers }) => [
      `## ${titles[name] ?? name}`,
      ...[...Map.groupBy(drivers, ({ types }) => (types.length === 0 ? {} : types)).values()].flatMap(section),
    ]),
    '## Directories of Larder',
    'They grow by quota.',
    markdownTable(
      ['Provider', 'Keeps', 'Step', 'At most', 'How often', 'Evidence', 'Source'],
      directoryRows.map(({ name, keeps, evidence, source }) => [
        code(name),
        keeps,
        '1 MiB',
        'what is left there',
        'no limit',
        evidence,
        code(source),
      ]),
    ),
    '## Other drivers',
    'Whole GiB, no maximum of their own, no limit on how often. A driver that is not listed is taken at its class’s word.',
    markdownTable(
      ['Driver', 'Grows', 'Why not', 'Evidence', 'Source'],
      genericDrivers.map(({ driver, expands, why, evidence, source }) => [
        code(driver),
        expands ? 'yes' : 'no',
        why,
        evidence,
        source,
      ]),
    ),
    '## What drivers say',
    'Larder reads the words of storage drivers in the conditions of a claim, and adds what they mean, with what to do, to the event and to `larder explain`. The words of this table are also values of `reason` of the metric `pvc_chonker_expansion_failures_total`.',
    markdownTable(
      ['Reason', 'Meaning'],
      Object.entries(driverReasons).map(([reason, meaning]) => [code(reason), meaning]),
    ),
    '## Configuration',
    'Keys of `providerConfig` ([configuration](configuration.md)). In a file they may be nested: `providerConfig: {aws: {lookups: true}}`.',
    markdownTable(
      ['Key', 'Default', 'Meaning'],
      optionRows.map(({ key, fallback, description }) => [
        code(key),
        fallback === '' ? 'empty' : code(fallback),
        description,
      ]),
    ),
  );
}

/** Drivers of one table of types. */
function section(drivers: readonly DriverRow[]): readonly string[] {
  const names = drivers.flatMap(({ driver, inTree }) => (inTree ? [driver, inTree] : [driver])).map(code);
  const [{ types, refused } = { types: [], refused: undefined }] = drivers;
  if (refused !== undefined) return [`${names.join(', ')}: does not grow. ${sentence(refused)}`];
  const remarks = new Set([
    ...drivers.map(
      ({ driver, defaultType }) => `where nobody names a type, ${code(driver)} makes ${code(defaultType)}`,
    ),
    ...drivers.flatMap(({ remarks: said = [] }) => said),
    ...types.flatMap(({ bands: found = [] }) =>
      found.map(({ upToGib, why }) => `a volume of at most ${upToGib} GiB: ${why}`),
    ),
    ...types.flatMap(({ type, refused: why }) => (why === undefined ? [] : [`${code(type)}: ${why}`])),
  ]);
  return [
    `${names.join(', ')}:`,
    markdownTable(['Type', 'GiB, least to most', 'Step', 'How often', 'Evidence', 'Source'], types.map(typeCells)),
    [...remarks].map((remark) => `- ${sentence(remark)}`).join('\n'),
  ];
}

function typeCells(row: TypeRow): readonly string[] {
  const { type, minGib, maxGib, stepGib = 1n, modifications, evidence, source } = row;
  return [
    code(type),
    `${minGib} to ${maxGib}${bands(row)}`,
    steps(row, stepGib),
    often(modifications),
    evidence,
    source,
  ];
}

function bands({ bands: found = [] }: TypeRow): string {
  return found.map(({ upToGib, maxGib }) => `; to ${maxGib} from at most ${upToGib}`).join('');
}

function steps({ tiersGib = [], bands: found = [] }: TypeRow, stepGib: bigint): string {
  const band = found.find(({ stepGib: own }) => own !== undefined);
  const step = band?.stepGib === undefined ? `${stepGib}` : `${band.stepGib}, above the first range ${stepGib}`;
  if (tiersGib.length === 0) return step;
  return `${step}; price changes at ${tiersGib.join(', ')}`;
}

function often(limits: ModificationLimits | undefined): string {
  if (!limits) return 'no limit';
  const { perWindow, windowMs, minIntervalMs } = limits;
  const apart = `${readableDuration(minIntervalMs)} apart`;
  return perWindow === 1 ? apart : `${perWindow} in ${readableDuration(windowMs)}, ${apart}`;
}

const sentence = (text: string): string =>
  `${/^\w*[-_/.\d]/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
