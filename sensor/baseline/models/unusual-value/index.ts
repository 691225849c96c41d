import type { Novelty, ValueProblem } from '../../../model/novelty.js';
import type { Severity } from '../../../model/severity.js';
import type { DeviationModel } from '../../model.js';

interface Wording {
  readonly title: string;
  readonly severity: Severity;
  /** When a station wrote the value. */
  readonly written: Severity;
  readonly techniques: readonly string[];
}

const PROBLEMS: Readonly<Record<ValueProblem, Wording>> = {
  limit: { title: 'Value beyond a limit', severity: 'high', written: 'high', techniques: ['T0831', 'T0836'] },
  range: { title: 'Value outside its range', severity: 'medium', written: 'high', techniques: ['T0831', 'T0836'] },
  state: { title: 'State that was never seen', severity: 'low', written: 'medium', techniques: ['T0831'] },
  step: { title: 'Value jumps', severity: 'low', written: 'medium', techniques: ['T0831', 'T0832'] },
  backwards: { title: 'Counter goes backwards', severity: 'low', written: 'medium', techniques: ['T0832'] },
  frozen: { title: 'Value does not move any more', severity: 'low', written: 'low', techniques: ['T0832'] },
  dwell: { title: 'State lasts longer than ever', severity: 'low', written: 'low', techniques: ['T0832', 'T0831'] },
};

/** Variables of one device that behave oddly at the same time are one story; a limit that a person has set is its own. */
const GROUPS: Readonly<Partial<Record<ValueProblem, string>>> = {
  range: 'range',
  state: 'motion',
  step: 'motion',
  backwards: 'motion',
  frozen: 'motion',
  dwell: 'motion',
};

/** So many margins beyond the bound no process goes, however briefly it was watched. */
const ABSURD = 10;

function isAbsurd({ value, bound, variable: { learned } }: Extract<Novelty, { kind: 'value' }>): boolean {
  if (typeof value !== 'number' || learned?.min === undefined || learned.max === undefined) return false;
  const margin = value > bound ? bound - learned.max : learned.min - bound;
  return Math.abs(value - bound) > ABSURD * margin;
}

const number = (value: number) => String(Math.round(value * 1000) / 1000);

/** A process variable behaves as it never did, or passes a limit that a person has set. */
export const unusualValue: DeviationModel = {
  id: 'unusual-value',
  description:
    'A process value beyond a limit, outside its learned range, in a new state or in one for longer than ever, that jumps, stands still, or counts backwards.',
  judge(novelty) {
    if (novelty.kind !== 'value') return null;
    const { variable, problem, value, before, writer, bound, extent } = novelty;
    const { name, measure, learned, server, protocol, isYoung } = variable;
    const { title, severity, written, techniques } = PROBLEMS[problem];
    const shown = `${value}${measure}`;
    const who = writer === null ? '' : `, written by ${writer.label}`;
    // What the process does on its own takes longer to learn than what stations write.
    const isRoutine = isYoung && writer === null && problem !== 'limit' && !(problem === 'range' && isAbsurd(novelty));
    const range = learned ? `${learned.min ?? ''} to ${learned.max ?? ''}${measure}` : '';
    const basis = learned ? ` (${learned.samples} values from ${learned.since} to ${learned.until})` : '';
    const texts: Record<ValueProblem, [what: string, expected: string]> = {
      limit: [`is ${shown}`, `Not beyond ${number(bound)}${measure}, as a person has set.`],
      range: [`is ${shown}`, `${range}${basis}; judged from ${number(bound)}${measure}.`],
      state: [`is ${shown}`, `One of ${learned?.values.join(', ') ?? ''}${basis}.`],
      step: [
        `went from ${number(before)} to ${shown} in one step`,
        `Steps of at most ${number(learned?.max_step ?? 0)}${measure}${basis}; judged from ${number(bound)}${measure}.`,
      ],
      backwards: [`went back from ${number(before)} to ${shown}`, `It only grows${basis}.`],
      frozen: [
        `has been ${shown} for more than ${number(bound)} seconds, though it is read on`,
        `A change at least every ${number(learned?.max_flat_seconds ?? 0)} seconds${basis}.`,
      ],
      dwell: [
        `has been ${shown} for more than ${number(bound)} seconds`,
        `This state for at most ${number(learned?.dwells?.[learned.values.indexOf(value)]?.[1] ?? 0)} seconds${basis}.`,
      ],
    };
    const [what, expected] = texts[problem];
    return {
      title,
      description: `${name} of ${server.label} ${what}${who}.`,
      severity: isRoutine
        ? 'informational'
        : writer !== null
          ? written
          : isYoung && problem === 'range'
            ? 'low'
            : severity,
      source: writer,
      target: server,
      protocol,
      object: name,
      techniques,
      expected,
      observed: extent.join('; '),
      recommendation: isRoutine
        ? 'Less than an hour of this value had been learned, so the process may go there on its own: let the sensor learn for longer. Where it matters, compare with a second instrument on site.'
        : 'Compare with what the process should do now and with a second instrument on site. If it is right, accept the value into the baseline.',
      key: `${server.ip} ${protocol} ${GROUPS[problem] ?? `${name} limit`} ${writer?.ip ?? ''}`,
      tellsExtent: true,
    };
  },
};
