import { useEffect, useRef, useState } from 'preact/hooks';
import { formatAxis, formatCompact, formatCount, formatTime } from '../lib/format.ts';

export interface StackPart {
  key: string;
  text: string;
  /** Of the style sheet: `fill-…`. */
  fill: string;
  /** One number per bucket. */
  values: readonly number[];
}

const USUAL_WIDTH = 720;
const TOP = 8;
const BOTTOM = 20;
const LEFT = 44;
const LABEL_PITCH = 110;

/** A round number at or above `value`: 1, 2, 5, 10, 20, 50 … */
export function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  for (const step of [1, 2, 5, 10]) if (value <= step * magnitude) return step * magnitude;
  return 10 * magnitude;
}

/** How wide the drawing is, so that one unit of it is one pixel and its text has the size of all other text. */
export function useWidth(): readonly [ref: { current: SVGSVGElement | null }, width: number] {
  const box = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    const parent = box.current?.parentElement;
    if (!parent) return;
    const observer = new ResizeObserver(() => {
      const measured = box.current?.clientWidth ?? 0;
      if (measured > 0) setWidth(Math.round(measured));
    });
    observer.observe(parent);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

/** Bars over time, each made of parts. */
export function StackedChart({
  from,
  bucketSeconds,
  buckets,
  parts,
  label,
  height = 240,
}: {
  /** Start of the first bucket, ISO 8601. */
  from: string;
  bucketSeconds: number;
  buckets: number;
  parts: readonly StackPart[];
  label: string;
  height?: number;
}) {
  const [box, width] = useWidth();
  const start = Date.parse(from);
  const plot = height - TOP - BOTTOM;
  const totals = Array.from({ length: buckets }, (_, index) =>
    parts.reduce((sum, part) => sum + (part.values[index] ?? 0), 0),
  );
  const max = niceCeiling(Math.max(1, ...totals));
  const pitch = (width - LEFT) / Math.max(1, buckets);
  const barWidth = Math.max(1, Math.min(40, pitch * 0.78));
  const labelEvery = Math.max(1, Math.ceil((buckets * LABEL_PITCH) / width));
  const timeOf = (index: number) => new Date(start + index * bucketSeconds * 1000).toISOString();
  const y = (count: number) => TOP + plot - (count / max) * plot;
  return (
    <svg
      ref={box}
      class="chart chart-tall"
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {[0, max / 2, max].map((value) => (
        <g key={value}>
          <line class="chart-grid" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
          <text class="chart-label" x={LEFT - 6} y={y(value) + 3.5} text-anchor="end">
            {formatCompact(Math.round(value))}
          </text>
        </g>
      ))}
      {totals.map((total, index) => {
        const x = LEFT + index * pitch + (pitch - barWidth) / 2;
        let below = 0;
        const shown = parts.filter((part) => (part.values[index] ?? 0) > 0);
        return (
          <g key={index}>
            {total > 0 && (
              <title>
                {`${formatTime(timeOf(index))}: ${shown.map((part) => `${part.text} ${formatCount(part.values[index] ?? 0)}`).join(', ')}`}
              </title>
            )}
            {shown.map((part) => {
              const size = Math.max(1, ((part.values[index] ?? 0) / max) * plot);
              below += size;
              return (
                <rect key={part.key} class={part.fill} x={x} y={TOP + plot - below} width={barWidth} height={size} />
              );
            })}
            {index % labelEvery === 0 && (
              <text class="chart-label" x={x} y={height - 5} text-anchor="start">
                {formatAxis(timeOf(index), buckets * bucketSeconds * 1000)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
