import { FileSource } from '../capture/file-source.js';
import type { Packet } from '../capture/packet.js';
import type { SigmaRule } from '../detection/sigma/rule.js';
import type { Alert } from '../model/records.js';
import type { Site } from '../model/site.js';
import { MICROS_PER_SECOND } from '../model/time.js';
import { createSensor } from '../pipeline/create-sensor.js';
import type { Sensor } from '../pipeline/sensor.js';
import type { SensorMemory } from '../store/store.js';
import { type FileProgress, fileProgress } from './file-progress.js';

/** Rules in use, and those that a person switched off beside them. */
export interface RuleChoice {
  readonly rules: readonly SigmaRule[];
  readonly switchedOff: readonly string[];
}

export interface RuleTrial {
  readonly captures: readonly string[];
  readonly sensor: string;
  readonly site: Site;
  /** What the sensor knows of the plant; called once for each of the two, because they go on to change it. */
  readonly memory: () => SensorMemory | null;
  readonly before: RuleChoice;
  readonly after: RuleChoice;
  readonly onProgress?: (progress: FileProgress) => void;
}

export interface ChangedAlert {
  readonly before: Alert;
  readonly after: Alert;
}

export interface RuleTrialResult {
  readonly packets: number;
  readonly capture_seconds: number;
  /** Time that the same packets took with the rules as they are, and with the change. */
  readonly seconds_before: number;
  readonly seconds_after: number;
  readonly alerts_before: number;
  readonly alerts_after: number;
  /** How many there are; of each kind at most `MAX_SHOWN`, and `MAX_SHOWN_TEXT` of JSON, are listed, in order of time. */
  readonly appearing: number;
  readonly disappearing: number;
  readonly changing: number;
  readonly appear: readonly Alert[];
  readonly disappear: readonly Alert[];
  readonly change: readonly ChangedAlert[];
  /** Alerts beyond what is remembered of a trial. */
  readonly not_kept: number;
  readonly damaged: readonly string[];
}

const MAX_SHOWN = 100;
/** Characters. Alerts carry their records, and those of one protocol may be a hundred times as long as another's. */
const MAX_SHOWN_TEXT = 1024 * 1024;
const MAX_ALERTS = 20_000;
const PROGRESS_INTERVAL_MS = 250;
const COLLECT_INTERVAL_MS = 3000;

/** One of the two sensors, and the time it took. */
class Side {
  readonly sensor: Sensor;
  readonly alerts = new Map<string, Alert>();
  notKept = 0;
  milliseconds = 0;

  constructor(trial: RuleTrial, { rules, switchedOff }: RuleChoice) {
    const memory = trial.memory();
    this.sensor = createSensor({
      sensor: trial.sensor,
      mode: 'replay',
      phase: 'protect',
      // Without open alerts, what would fire is seen as new, and not as one more of those.
      memory: memory === null ? null : { ...memory, openAlerts: [], disabledRules: switchedOff },
      site: trial.site,
      rules: rules.filter(({ id }) => !switchedOff.includes(id)),
    });
  }

  packet(packet: Packet): void {
    const start = performance.now();
    this.sensor.packet(packet);
    this.milliseconds += performance.now() - start;
  }

  collect(): void {
    for (const alert of this.sensor.collect(true).alerts) {
      if (this.alerts.size < MAX_ALERTS || this.alerts.has(alert.id)) this.alerts.set(alert.id, { ...alert });
      else this.notKept++;
    }
  }
}

const storyOf = ({ rule_id: rule, dedupe_key: key }: Alert) => `${rule}\n${key}`;

const isSame = (one: Alert, other: Alert) => one.count === other.count && one.severity === other.severity;

function byTime(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].sort((one, other) => (one.first_seen < other.first_seen ? -1 : 1));
}

/** Shows the same packets to two sensors that differ in their rules only, and says how their alerts differ. */
export async function tryRules(trial: RuleTrial): Promise<RuleTrialResult> {
  const before = new Side(trial, trial.before);
  const after = new Side(trial, trial.after);
  const sources: FileSource[] = [];
  const damaged: string[] = [];
  let shownAt = performance.now();
  let collectedAt = shownAt;
  let beforeFirst = false;
  const packets = () => after.sensor.counters.packets;
  const sink = {
    packet(packet: Packet): void {
      // Whoever goes first pays for what the machine only learns once: in turns, both do.
      beforeFirst = !beforeFirst;
      if (beforeFirst) before.packet(packet);
      after.packet(packet);
      if (!beforeFirst) before.packet(packet);
    },
    async ready(): Promise<void> {
      const now = performance.now();
      if (now - collectedAt >= COLLECT_INTERVAL_MS) {
        before.collect();
        after.collect();
        collectedAt = performance.now();
      }
      if (now - shownAt < PROGRESS_INTERVAL_MS) return;
      shownAt = now;
      trial.onProgress?.(fileProgress(trial.captures, sources, packets()));
    },
  };
  for (const path of trial.captures) {
    const source = new FileSource(path);
    sources.push(source);
    await source.run(sink, new AbortController().signal);
    if (source.damage) damaged.push(`damaged at byte ${source.damage.offset}: ${source.damage.reason}`);
  }
  for (const side of [before, after]) {
    const start = performance.now();
    side.sensor.finish();
    side.milliseconds += performance.now() - start;
    side.collect();
  }
  const { counters } = after.sensor;
  const span = counters.packets === 0 ? 0 : (counters.lastPacket - counters.firstPacket) / MICROS_PER_SECOND;
  return {
    packets: packets(),
    capture_seconds: Math.max(0, Math.round(span * 1000) / 1000),
    seconds_before: Math.round(before.milliseconds) / 1000,
    seconds_after: Math.round(after.milliseconds) / 1000,
    alerts_before: before.alerts.size,
    alerts_after: after.alerts.size,
    ...difference(before.alerts, after.alerts),
    not_kept: before.notKept + after.notKept,
    damaged,
  };
}

/** An alert that begins with another message is still the same story. */
function difference(before: ReadonlyMap<string, Alert>, after: ReadonlyMap<string, Alert>) {
  const change: ChangedAlert[] = [];
  const gone = new Map<string, Alert[]>();
  for (const alert of byTime(before.values())) {
    const same = after.get(alert.id);
    if (same !== undefined) {
      if (!isSame(alert, same)) change.push({ before: alert, after: same });
      continue;
    }
    const story = storyOf(alert);
    const list = gone.get(story);
    if (list === undefined) gone.set(story, [alert]);
    else list.push(alert);
  }
  const appear: Alert[] = [];
  for (const alert of byTime(after.values())) {
    if (before.has(alert.id)) continue;
    const earlier = gone.get(storyOf(alert))?.shift();
    if (earlier === undefined) appear.push(alert);
    else change.push({ before: earlier, after: alert });
  }
  const disappear = byTime([...gone.values()].flat());
  return {
    appearing: appear.length,
    disappearing: disappear.length,
    changing: change.length,
    appear: shown(appear),
    disappear: shown(disappear),
    change: shown(change),
  };
}

function shown<T>(all: readonly T[]): T[] {
  let left = MAX_SHOWN_TEXT;
  return all.slice(0, MAX_SHOWN).filter((one) => {
    left -= JSON.stringify(one).length;
    return left >= 0;
  });
}
