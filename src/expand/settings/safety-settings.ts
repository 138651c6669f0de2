/** Rows of the configuration that hold growth back: windows, approval, snapshots, budgets, and the circuit of a driver. */
import { setting } from './setting.ts';
import { type Parsed, parseApproval, parseDuration, parseSize, parseSnapshotShare } from './settings.ts';
import { type ChangeWindow, parseWindow } from './window.ts';

/** Empty: off. */
function orNothing<T>(parse: (text: string) => Parsed<T>): (text: string) => Parsed<T | undefined> {
  return (text) => {
    if (text === '') return { ok: true, value: undefined };
    const parsed = parse(text);
    return parsed.ok ? parsed : { ok: false, reason: `${parsed.reason}, or empty` };
  };
}

function parseBudget(text: string): Parsed<bigint | 'unlimited'> {
  if (text === 'unlimited') return { ok: true, value: 'unlimited' };
  const size = parseSize(text);
  return size.ok ? size : { ok: false, reason: `${size.reason}, or "unlimited"` };
}

function parseFailures(text: string): Parsed<number> {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= 100) return { ok: true, value: count };
  return { ok: false, reason: 'must be a whole number from 1 to 100' };
}

function parsePause(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= 1_000) return duration;
  return { ok: false, reason: 'must be a duration of at least a second, for example "60s"' };
}

export const safetySettings = {
  defaultWindow: setting<ChangeWindow | undefined>(
    orNothing(parseWindow),
    '',
    'When claims may be changed, for example `Mon-Fri 22:00-06:00 Europe/Berlin`; empty = always.',
  ),
  approvalAbove: setting<bigint | 'never' | undefined>(
    orNothing(parseApproval),
    '',
    'Claims grow beyond this size only as far as annotation `larder.dev/approved-up-to` allows; empty = no approval is asked for.',
  ),
  snapshotAbove: setting<number | 'never' | undefined>(
    orNothing(parseSnapshotShare),
    '',
    'Growth by more than this share of the size needs a recent VolumeSnapshot of the claim; empty = none is asked for.',
  ),
  snapshotAge: setting(parsePause, '24h', 'How old a snapshot may be that `snapshotAbove` asks for.'),
  backupPatience: setting(
    parsePause,
    '4h',
    'How long growth waits for a VolumeSnapshot or a Velero backup of the claim that is in progress.',
  ),
  bytesPerNamespaceDay: setting<bigint | 'unlimited'>(
    parseBudget,
    '1Ti',
    'By how much the claims of one namespace may grow in all within 24 hours; `unlimited` must be written.',
  ),
  bytesPerClusterDay: setting<bigint | 'unlimited'>(
    parseBudget,
    '10Ti',
    'By how much all claims may grow in all within 24 hours; `unlimited` must be written.',
  ),
  breakerFailures: setting(
    parseFailures,
    '5',
    'After so many failed growths in a row nothing more is asked of a storage driver, but for probes.',
  ),
  breakerProbe: setting(
    parsePause,
    '60s',
    'Time until the first probe of a storage driver that fails; it doubles with each failed probe, up to 15 minutes.',
  ),
};
