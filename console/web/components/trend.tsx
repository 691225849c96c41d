import { useState } from 'preact/hooks';
import type { VariableHistory } from '../../../sensor/model/records.ts';
import { formatAxis, formatTime } from '../lib/format.ts';
import { useWidth } from './stacked-chart.tsx';

interface Step {
  at: number;
  min: number;
  max: number;
  last: number;
}

/** Points first, then the exact changes behind them. */
function stepsOf(history: VariableHistory): Step[] {
  const points = history.points.map(([at, min, max, last]) => ({ at: Date.parse(at), min, max, last }));
  if (points.length > 1) return points;
  return history.changes.map(([at, value]) => ({ at: Date.parse(at), min: value, max: value, last: value }));
}

function range(
  steps: readonly Step[],
  more: readonly (number | undefined)[] = [],
): readonly [low: number, high: number] {
  const values = [...steps.flatMap((step) => [step.min, step.max]), ...more.filter((one) => one !== undefined)];
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** A value holds until the next one: level, then straight up or down. */
function stairs(steps: readonly Step[], x: (at: number) => number, y: (value: number) => number, end: number): string {
  let path = '';
  for (const [index, step] of steps.entries()) {
    path += index === 0 ? `M${x(step.at)} ${y(step.last)}` : `H${x(step.at)}V${y(step.last)}`;
  }
  return `${path}H${x(end)}`;
}

const SPARK_WIDTH = 120;
const SPARK_HEIGHT = 28;

/** The course in a line of text. */
export function Sparkline({ history, label }: { history: VariableHistory | null | undefined; label: string }) {
  const steps = history ? stepsOf(history) : [];
  if (steps.length < 2) return <span class="faint">–</span>;
  const first = steps[0]?.at ?? 0;
  const end = (steps.at(-1)?.at ?? 0) + (history?.step_seconds ?? 0) * 1000;
  const [low, high] = range(steps);
  const x = (at: number) => Math.round(((at - first) / Math.max(1, end - first)) * SPARK_WIDTH * 10) / 10;
  const y = (value: number) =>
    Math.round((SPARK_HEIGHT - 3 - ((value - low) / (high - low)) * (SPARK_HEIGHT - 6)) * 10) / 10;
  return (
    <svg class="spark" viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`} role="img" aria-label={label}>
      <path class="spark-line" d={stairs(steps, x, y, end)} />
    </svg>
  );
}

export interface TrendMark {
  at: string;
  text: string;
}

export interface TrendLimit {
  value: number;
  text: string;
  isDeclared: boolean;
}

const HEIGHT = 260;
const TOP = 14;
const BOTTOM = 22;
const LEFT = 64;
const RIGHT = 12;
const TICKS = 4;

function shortNumber(value: number): string {
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(2)
    : String(Math.round(value * 1000) / 1000);
}

/** The course over time: the value as stairs, the range within each step as a band, limits and alerts as marks. */
export function Trend({
  history,
  limits,
  marks,
  label,
}: {
  history: VariableHistory;
  limits: readonly TrendLimit[];
  marks: readonly TrendMark[];
  label: (from: string, to: string) => string;
}) {
  const [box, width] = useWidth();
  const [cursor, setCursor] = useState<number>();
  const steps = stepsOf(history);
  const first = steps[0]?.at ?? 0;
  const end = Math.max(
    (steps.at(-1)?.at ?? 0) + history.step_seconds * 1000,
    ...marks.map((mark) => Date.parse(mark.at)),
  );
  const [low, high] = range(
    steps,
    limits.map((limit) => limit.value),
  );
  const plot = HEIGHT - TOP - BOTTOM;
  const span = Math.max(1, end - first);
  const x = (at: number) => LEFT + ((at - first) / span) * (width - LEFT - RIGHT);
  const y = (value: number) => TOP + plot - ((value - low) / (high - low)) * plot;
  const band = steps
    .map((step, index) => ({ step, until: steps[index + 1]?.at ?? end }))
    .filter(({ step }) => step.max > step.min);
  const at = cursor === undefined ? undefined : first + ((cursor - LEFT) / Math.max(1, width - LEFT - RIGHT)) * span;
  const under = at === undefined ? undefined : steps.filter((step) => step.at <= at).at(-1);
  return (
    <svg
      ref={box}
      class="chart chart-tall"
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={label(formatTime(new Date(first).toISOString()), formatTime(new Date(end).toISOString()))}
      onPointerMove={(event) => setCursor(event.offsetX)}
      onPointerLeave={() => setCursor(undefined)}
    >
      {Array.from({ length: TICKS + 1 }, (_, tick) => low + ((high - low) * tick) / TICKS).map((value) => (
        <g key={value}>
          <line class="chart-grid" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text class="chart-label" x={LEFT - 6} y={y(value) + 3.5} text-anchor="end">
            {shortNumber(value)}
          </text>
        </g>
      ))}
      {limits.map((limit) => (
        <g key={`${limit.text} ${limit.value}`}>
          <line
            class={limit.isDeclared ? 'trend-declared' : 'trend-limit'}
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(limit.value)}
            y2={y(limit.value)}
          />
          <title>{`${limit.text}: ${shortNumber(limit.value)}`}</title>
        </g>
      ))}
      {band.map(({ step, until }) => (
        <rect
          key={step.at}
          class="trend-band"
          x={x(step.at)}
          y={y(step.max)}
          width={Math.max(1, x(until) - x(step.at))}
          height={Math.max(1, y(step.min) - y(step.max))}
        />
      ))}
      <path class="trend-line" d={stairs(steps, x, y, end)} />
      {marks.map((mark) => {
        const place = x(Date.parse(mark.at));
        return (
          <g class="trend-alert" key={`${mark.at} ${mark.text}`}>
            <line x1={place} x2={place} y1={TOP} y2={TOP + plot} />
            <circle cx={place} cy={TOP} r={5} />
            <title>{`${formatTime(mark.at)}: ${mark.text}`}</title>
          </g>
        );
      })}
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <text
          class="chart-label"
          key={share}
          x={LEFT + share * (width - LEFT - RIGHT)}
          y={HEIGHT - 5}
          text-anchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
        >
          {formatAxis(new Date(first + share * span).toISOString(), span)}
        </text>
      ))}
      {at !== undefined && under && cursor !== undefined && cursor > LEFT && (
        <g>
          <line class="trend-cursor" x1={cursor} x2={cursor} y1={TOP} y2={TOP + plot} />
          <text class="chart-label" x={Math.min(cursor + 6, width - 180)} y={TOP + 10}>
            {`${formatTime(new Date(at).toISOString())}  ${shortNumber(under.last)}`}
          </text>
        </g>
      )}
    </svg>
  );
}
