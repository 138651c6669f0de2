/** A simulation as one page of HTML that needs nothing else: a drawing per claim, size over use. */
import { escapeHtml } from '../html.ts';
import { readableBytes, readableDuration, readableTime } from '../readable.ts';
import type { Course } from './course.ts';
import { type Curve, valueAt } from './curve.ts';
import type { Outcome, Total } from './outcome.ts';

export interface Drawn {
  readonly course: Course;
  readonly outcome: Outcome;
  readonly curve: Curve;
}

export interface ChartOptions {
  readonly title: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly total: Total;
  readonly currency: string;
}

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 64;
const BOTTOM = 22;
const TOP = 10;
const POINTS = 360;
const LINES = 4;

export function chart(drawn: readonly Drawn[], options: ChartOptions): string {
  const { title, total } = options;
  const shown = drawn.length < total.claims ? ` The ${drawn.length} that fared worst are drawn.` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>${readableTime(options.from)} to ${readableTime(options.to)}. ${escapeHtml(totalText(options))}${shown}</p>
<p class="legend"><span class="key size"></span> size <span class="key used"></span> used</p>
</header>
<main>
${drawn.map((each) => figure(each, options)).join('\n')}
</main>
</body>
</html>
`;
}

/** One sentence about all claims. */
export function totalText({ total, currency }: Pick<ChartOptions, 'total' | 'currency'>): string {
  const { claims, steps, startBytes, endBytes, everFull, above95Ms, unusedBytes, violations, cost } = total;
  const parts = [
    `${counted(claims, 'claim')}, ${counted(steps, 'growth')}: ${readableBytes(startBytes)} became ${readableBytes(endBytes)}`,
    `${everFull === 0 ? 'none was' : everFull === 1 ? '1 was' : `${everFull} were`} ever full`,
    `${readableDuration(above95Ms)} above 95 % in all`,
    `${readableBytes(unusedBytes)} unused on average`,
    `${violations === 0 ? 'no' : violations} cooldown violation${violations === 1 ? '' : 's'}`,
    ...(cost === undefined ? [] : [`cost ${money(cost, currency)}`]),
  ];
  return `${parts.join('; ')}.`;
}

export function money(cost: number, currency: string): string {
  return `${cost.toFixed(2)}${currency === '' ? '' : ` ${currency}`}`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function figure({ course, outcome, curve }: Drawn, options: ChartOptions): string {
  const { claim, steps, endBytes } = course;
  const most = Math.max(Number(endBytes), ...steps.map(({ toBytes }) => Number(toBytes)), 1);
  const top = LINES * roundStep(most / LINES);
  const scale: Scale = {
    x: (at) => LEFT + ((at - options.from) / (options.to - options.from)) * (WIDTH - LEFT),
    y: (bytes) => TOP + (HEIGHT - BOTTOM - TOP) * (1 - Math.min(1, bytes / top)),
  };
  const said = `${readableBytes(course.startBytes)} to ${readableBytes(endBytes)} in ${counted(steps.length, 'growth')}`;
  const full = outcome.fullMs > 0 ? `, full for ${readableDuration(outcome.fullMs)}` : '';
  return `<figure>
<figcaption><strong>${escapeHtml(claim)}</strong> ${said}${full}; at the end ${escapeHtml(outcome.verdict)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${claim}: ${said}${full}`)}">
${grid(top, scale, options)}
<path class="used" d="${usedPath({ course, curve }, scale, options)}"/>
<path class="size" d="${sizePath(course, scale, options)}"/>
${steps.map((step) => stepMark(step, scale)).join('')}
</svg>
</figure>`;
}

/** The next of 1, 2, 2.5, 4, 5 and 8 times a power of ten, in the largest unit of two to the ten that fits. */
function roundStep(bytes: number): number {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / unit;
  const power = 10 ** Math.floor(Math.log10(amount));
  const digit = [1, 2, 2.5, 4, 5, 8, 10].find((each) => each * power >= amount) ?? 10;
  return digit * power * unit;
}

interface Scale {
  x(at: number): number;
  y(bytes: number): number;
}

function grid(top: number, { x, y }: Scale, { from, to }: ChartOptions): string {
  const rows = Array.from({ length: LINES + 1 }, (_, index) => (top * index) / LINES);
  const columns = Array.from({ length: LINES + 1 }, (_, index) => from + ((to - from) * index) / LINES);
  const lines = rows.map(
    (bytes) =>
      `<line x1="${LEFT}" x2="${WIDTH}" y1="${at(y(bytes))}" y2="${at(y(bytes))}"/><text x="${LEFT - 6}" y="${at(y(bytes) + 4)}" class="end">${readableBytes(BigInt(Math.round(bytes)))}</text>`,
  );
  const days = columns.map(
    (time, index) =>
      `<text x="${at(x(time))}" y="${HEIGHT - 6}" class="${index === 0 ? 'begin' : index === LINES ? 'end' : 'mid'}">${readableTime(time).slice(0, 10)}</text>`,
  );
  return `<g class="grid">${lines.join('')}${days.join('')}</g>`;
}

function usedPath(
  { course, curve }: Pick<Drawn, 'course' | 'curve'>,
  { x, y }: Scale,
  { from, to }: ChartOptions,
): string {
  const parts: string[] = [];
  for (let index = 0; index <= POINTS; index += 1) {
    const time = from + ((to - from) * index) / POINTS;
    const stored = Math.min(valueAt(curve, time), Number(sizeAt(course, time)));
    parts.push(`${index === 0 ? 'M' : 'L'}${at(x(time))} ${at(y(stored))}`);
  }
  return `${parts.join('')}L${at(x(to))} ${at(y(0))}L${at(x(from))} ${at(y(0))}Z`;
}

function sizeAt({ startBytes, steps }: Course, time: number): bigint {
  return steps.findLast(({ doneAt }) => doneAt <= time)?.toBytes ?? startBytes;
}

function sizePath({ startBytes, steps }: Course, { x, y }: Scale, { from, to }: ChartOptions): string {
  const path = [`M${at(x(from))} ${at(y(Number(startBytes)))}`];
  for (const { doneAt, toBytes } of steps) if (doneAt <= to) path.push(`H${at(x(doneAt))}V${at(y(Number(toBytes)))}`);
  return `${path.join('')}H${at(x(to))}`;
}

function stepMark({ at: time, doneAt, fromBytes, toBytes, trigger }: Course['steps'][number], { x, y }: Scale): string {
  const said = `${readableTime(time)}: ${readableBytes(fromBytes)} to ${readableBytes(toBytes)} (${trigger})`;
  return `<circle cx="${at(x(doneAt))}" cy="${at(y(Number(toBytes)))}" r="3"><title>${escapeHtml(said)}</title></circle>`;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const style = `
:root { color-scheme: light dark; --ink: #1c2024; --faint: #60646c; --line: #e0e3e7; --paper: #fff; --size: #0b68cb; --used: #8ec8f6; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --faint: #b0b4ba; --line: #363a3f; --paper: #111113; --size: #70b8ff; --used: #0d4a86; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { margin: 0 0 .5rem; }
figure { margin: 1.25rem 0; }
figcaption { color: var(--faint); overflow-wrap: anywhere; }
figcaption strong { color: var(--ink); }
svg { width: 100%; height: auto; display: block; }
.grid line { stroke: var(--line); }
.grid text { fill: var(--faint); font-size: 11px; }
@media (max-width: 600px) { .grid text { font-size: 17px; } }
.grid .end { text-anchor: end; }
.grid .mid { text-anchor: middle; }
.used { fill: var(--used); }
path.size { fill: none; stroke: var(--size); stroke-width: 2; }
circle { fill: var(--size); }
.legend { color: var(--faint); }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .2em 0 .6em; }
.key.size { background: var(--size); height: .2em; vertical-align: middle; }
.key.used { background: var(--used); }
`;
