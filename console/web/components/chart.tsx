import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { formatAxis, formatCount, formatTime } from '../lib/format.ts';
import { SEVERITIES } from '../lib/lists.ts';
import type { AlertBucket } from '../lib/types.ts';

/** Drawn from below: what weighs most stands on the ground line, where bars are easiest to compare. */
const STACK = SEVERITIES;

/** Until the real width is known. */
const USUAL_SIZE = 720;
const HEIGHT = 132;
const LABEL_PITCH = 110;
const TOP = 8;
const BOTTOM = 18;
const LEFT = 30;
const PLOT = HEIGHT - TOP - BOTTOM;

function total(bucket: AlertBucket): number {
  return STACK.reduce((sum, severity) => sum + (bucket.alerts[severity] ?? 0), 0);
}

/** A round number at or above `value`: 1, 2, 5, 10, 20, 50 … */
function niceCeiling(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  for (const step of [1, 2, 5, 10]) if (value <= step * magnitude) return step * magnitude;
  return 10 * magnitude;
}

export function AlertsChart({ buckets, bucketSeconds }: { buckets: readonly AlertBucket[]; bucketSeconds: number }) {
  const box = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(USUAL_SIZE);
  const sum = buckets.reduce((all, bucket) => all + total(bucket), 0);
  const drawn = sum > 0;
  // One unit of the drawing is one pixel, so that its text has the size of all other text on every screen.
  useEffect(() => {
    const parent = box.current?.parentElement;
    if (!drawn || !parent) return;
    const observer = new ResizeObserver(() => {
      const measured = box.current?.clientWidth ?? 0;
      if (measured > 0) setWidth(Math.round(measured));
    });
    observer.observe(parent);
    return () => observer.disconnect();
  }, [drawn]);
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last || sum === 0) return <p class="chart-empty faint">{t.overview.chartEmpty}</p>;
  const max = niceCeiling(Math.max(...buckets.map(total)));
  const pitch = (width - LEFT) / buckets.length;
  const barWidth = Math.max(1, Math.min(40, pitch * 0.6));
  const spanMs = buckets.length * bucketSeconds * 1000;
  const labelEvery = Math.max(1, Math.ceil((buckets.length * LABEL_PITCH) / width));
  const y = (count: number) => TOP + PLOT - (count / max) * PLOT;
  return (
    <svg
      ref={box}
      class="chart"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={t.overview.chartSummary(sum, formatTime(first.from), formatTime(last.from))}
    >
      {[0, max / 2, max].map((value) => (
        <g key={value}>
          <line class="chart-grid" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
          {Number.isInteger(value) && (
            <text class="chart-label" x={LEFT - 6} y={y(value) + 3.5} text-anchor="end">
              {formatCount(value)}
            </text>
          )}
        </g>
      ))}
      {buckets.map((bucket, index) => {
        const x = LEFT + index * pitch + (pitch - barWidth) / 2;
        let below = 0;
        const counts = STACK.filter((severity) => (bucket.alerts[severity] ?? 0) > 0);
        const tip = counts.map((severity) => `${t.severity[severity]} ${formatCount(bucket.alerts[severity] ?? 0)}`);
        return (
          <g key={bucket.from}>
            {counts.length > 0 && <title>{t.overview.chartBar(formatTime(bucket.from), tip.join(', '))}</title>}
            {counts.map((severity) => {
              const count = bucket.alerts[severity] ?? 0;
              const height = Math.max(1.5, (count / max) * PLOT);
              const top = TOP + PLOT - below - height;
              below += height;
              return (
                <rect
                  key={severity}
                  class={`bar-${severity}`}
                  x={x}
                  y={top}
                  width={barWidth}
                  height={Math.max(0.5, height - 0.75)}
                  rx={Math.min(1.5, barWidth / 4)}
                />
              );
            })}
            {index % labelEvery === 0 && (
              <text class="chart-label" x={x} y={HEIGHT - 4} text-anchor="start">
                {formatAxis(bucket.from, spanMs)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
