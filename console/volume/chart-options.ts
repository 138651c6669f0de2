import uPlot from 'uplot';
import { rem } from '../frame/rem.ts';
import { sizeText } from '../words/size.ts';
import { axisTimes } from './axis-time.ts';

interface Given {
  /** The colours are those of the page at this place. */
  readonly target: Element;
  /** Seconds since the epoch. */
  readonly growths: readonly number[];
  readonly onCursor: (index: number | undefined) => void;
  readonly size: { readonly width: number; readonly height: number };
}

/** Of text beside the axes, in rem, as what stands around it. */
const axisRem = { font: 0.75, width: 4, height: 3.125, apart: 4.5 } as const;
const ROOM_ABOVE = 1.08;

export function chartOptions({ target, growths, onCursor, size }: Given): uPlot.Options {
  const colour = coloursAt(target);
  const axis: uPlot.Axis = {
    stroke: colour('muted'),
    font: `${rem(axisRem.font)}px system-ui, sans-serif`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
  };
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    ...size,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * ROOM_ABOVE)] } },
    axes: [
      {
        ...axis,
        size: rem(axisRem.height),
        space: rem(axisRem.apart),
        values: (_plot, marks, _axis, _space, stepS) => [...axisTimes(marks, stepS)],
      },
      { ...axis, size: rem(axisRem.width), values: (_plot, values) => values.map(axisText), incrs: binarySteps },
    ],
    series: [
      {},
      {
        ...{ stroke: colour('plot'), width: 2, fill: colour('plot-fill'), points: { show: false }, label: 'used' },
        spanGaps: true, // at a growth the size is known, and nothing was measured
      },
      {
        stroke: colour('text'),
        width: 1.5,
        points: { show: false },
        label: 'size',
        ...(stepped ? { paths: stepped } : {}),
      },
      {
        stroke: colour('warn'),
        width: 1,
        dash: [6, 4],
        points: { show: false },
        label: 'grows at',
        ...(stepped ? { paths: stepped } : {}),
      },
      { stroke: colour('plot'), width: 1, dash: [2, 3], points: { show: false }, label: 'expected, slower' },
      { stroke: colour('plot'), width: 1, dash: [2, 3], points: { show: false }, label: 'expected, faster' },
    ],
    bands: [{ series: [5, 4], fill: colour('plot-fill') }],
    hooks: {
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)],
      draw: [(plot) => growths.forEach((at) => void mark(plot, at, colour('muted')))],
    },
  };
}

/** A growth: a line from the top, with an arrow's head. */
function mark(plot: uPlot, at: number, stroke: string): void {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(at, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const head = 4 * devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.globalAlpha = 0.7;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top + head);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x - head, bbox.top + 2 * head);
  ctx.lineTo(x + head, bbox.top + 2 * head);
  ctx.fill();
  ctx.restore();
}

function axisText(bytes: number): string {
  return sizeText(BigInt(Math.round(bytes)).toString());
}

/** 1, 2 and 5 do not divide Gi into whole numbers; powers of two do. */
const binarySteps = Array.from({ length: 60 }, (_, power) => 2 ** power);

/** As they are in this theme: what a custom property holds is only resolved where something has its colour. */
function coloursAt(target: Element): (name: string) => string {
  return (name) => {
    const probe = target.ownerDocument.createElement('span');
    probe.style.color = `var(--${name})`;
    target.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
