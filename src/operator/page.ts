/** The plain status page: pure text from a StatusAnswer; no script, so that it works everywhere and needs no trust. */
import { escapeHtml } from '../expand/html.ts';
import { readablePercent } from '../expand/readable.ts';
import type { ExportRow, StatusAnswer, VolumeRow } from './api.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

function size(bytes: string): string {
  if (bytes === '') return '–';
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** State words that need a person come first, then the fullest. */
const urgency: Readonly<Record<string, number>> = {
  'needs you': 0,
  stuck: 0,
  filling: 1,
  unknown: 2,
  paused: 3,
  ok: 4,
};

function byUrgency(a: VolumeRow, b: VolumeRow): number {
  const state = (urgency[a.state] ?? 2) - (urgency[b.state] ?? 2);
  return state !== 0 ? state : (b.usedRatio ?? -1) - (a.usedRatio ?? -1);
}

/** Without a measurement there is no bar: an empty one would say that the volume is empty. */
function usage(row: VolumeRow): string {
  const of = size(row.request === '' ? row.capacity : row.request);
  if (row.usedRatio === undefined) {
    const why = row.phase === 'Bound' ? 'not measured yet' : 'not in use';
    return `<span class="figures">${why} · ${of}</span>`;
  }
  const percent = escapeHtml(readablePercent(row.usedRatio));
  return `<meter min="0" max="1" low="0.6" high="0.8" optimum="0" value="${Math.min(1, row.usedRatio).toFixed(4)}">${percent}</meter>
<span class="figures">${percent} · ${size(row.used)} of ${of}</span>`;
}

function volume(row: VolumeRow): string {
  const claim = row.claim === '' ? '–' : `${row.namespace}/${row.claim}`;
  const tone =
    row.state === 'ok' && row.phase === 'Bound'
      ? 'ok'
      : row.state === 'stuck' || row.state === 'needs you'
        ? 'bad'
        : 'busy';
  return `<tr>
<th scope="row"><span class="claim">${escapeHtml(claim)}</span><span class="path">${escapeHtml(row.path)}</span></th>
<td data-title="Used">${usage(row)}</td>
<td data-title="State"><span class="state ${tone}">${escapeHtml(row.phase === 'Bound' ? row.state : row.phase)}</span></td>
<td data-title="Last decision">${escapeHtml(row.summary === '' ? row.verdict || '–' : row.summary)}</td>
</tr>`;
}

function exportLine(row: ExportRow): string {
  const state = row.up
    ? `<span class="state ok">up</span>`
    : `<span class="state bad">down</span> ${escapeHtml(row.detail)}`;
  const free =
    row.totalBytes === ''
      ? ''
      : ` · ${size(row.freeBytes)} free of ${size(row.totalBytes)} · ${size(row.requestedBytes)} requested`;
  const place =
    row.backend === 'local'
      ? `this machine's disk: <code>${escapeHtml(row.root)}</code>`
      : `<code>${escapeHtml(row.name)}</code> → <code>${escapeHtml(row.root)}</code>`;
  return `<li>${state} ${place}${free}</li>`;
}

/** The whole page. `now` is epoch ms. */
export function page(status: StatusAnswer, now: number): string {
  const rows = [...status.volumes].sort(byUrgency);
  const table =
    rows.length === 0
      ? `<p class="empty">No volumes yet. Apply a claim of class <code>glusterfs-nfs</code> or <code>larder</code> with kubectl, and it appears here.</p>`
      : `<table><thead><tr><th scope="col">Claim and path</th><th scope="col">Used</th><th scope="col">State</th><th scope="col">Last decision</th></tr></thead>
<tbody>${rows.map(volume).join('\n')}</tbody></table>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Larder</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/style.css"></head>
<body><header><h1>Larder</h1><p>version ${escapeHtml(status.version)} · ${status.leader ? 'leading' : 'standing by'} · ${rows.length} volume${rows.length === 1 ? '' : 's'} · as of ${new Date(now).toISOString().slice(11, 19)} UTC</p></header>
<main><section aria-label="Exports"><h2>Exports</h2><ul class="exports">${status.exports.map(exportLine).join('')}</ul></section>
<section aria-label="Volumes"><h2>Volumes</h2>${table}</section></main></body></html>
`;
}

/** Served as /style.css: the page's policy allows no inline style. */
export const style = `:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8ea); --soft: light-dark(#57606a, #9aa4ae);
  --line: light-dark(#d8dee4, #30363d); --ground: light-dark(#ffffff, #14181c); --panel: light-dark(#f6f8fa, #1b2026);
  --ok: light-dark(#116329, #6fdd8b); --busy: light-dark(#7d4e00, #f0b848); --bad: light-dark(#b3131c, #ff8a84); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
header p { margin: 0; color: var(--soft); }
code, .path, .figures { font-family: ui-monospace, monospace; font-size: .87em; overflow-wrap: anywhere; }
.exports { list-style: none; margin: 0; padding: .5rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.exports li { padding: .25rem 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
thead th:nth-child(1) { width: 34%; } thead th:nth-child(2) { width: 24%; } thead th:nth-child(3) { width: 10%; }
th, td { text-align: left; vertical-align: top; padding: .6rem .75rem .6rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--soft); font-size: .87em; }
.claim { display: block; font-weight: 600; } .path, .figures { display: block; color: var(--soft); }
meter { width: 100%; min-width: 9rem; height: .8rem; }
.state { font-weight: 600; white-space: nowrap; } .ok { color: var(--ok); } .busy { color: var(--busy); } .bad { color: var(--bad); }
.empty { padding: 2rem; text-align: center; background: var(--panel); border: 1px dashed var(--line); border-radius: 8px; }
@media (max-width: 40rem) { body { padding: 1rem; } thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tr { display: block; padding: .75rem 0; border-bottom: 1px solid var(--line); } th, td { display: block; border: 0; padding: .15rem 0; }
  table { table-layout: auto; } td[data-title]::before { content: attr(data-title); display: block; color: var(--soft); font-size: .8em; } }
`;
