// Learns from clean captures, protects on labelled ones, and says what was found, how fast, what was missed and how
// many findings normal traffic raised. `--write` puts the tables into docs/evaluation.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './lib.mjs';

ensureInstalled();
ensureBuilt();
const dist = (path) => import(new URL(`../dist/sensor/${path}`, import.meta.url).href);
const { FileSource } = await dist('capture/file-source.js');
const { createSensor } = await dist('pipeline/create-sensor.js');
const { SqliteFindingsStore } = await dist('store/sqlite/findings-store.js');
const { formatTimestamp, parseTimestamp } = await dist('model/time.js');

const CAPTURES = join(root, '..', 'shared', 'captures');
const PLANT = join(root, 'fixtures', 'plant');
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
/** Effects of an attack may show a little later. */
const GRACE = 60 * SECOND;
/** Operator panels of the QUT plant, without attacks. */
const PANEL = 'QUT 2017 S7comm, operator panel, work only';
const CROSS_FOLDERS = new Set(['modbus', 's7comm', 's7comm-plus', 'opcua']);
/** Messages of every kind, recorded to test parsers with: stations come and program controllers in the middle of it. */
const TEST_COLLECTION = /icsnpp/;
/** Severities that ask for a person's time. */
const COUNTED = new Set(['low', 'medium', 'high', 'critical']);

/**
 * What is learned from what. `learn` and `protect` are captures; `until` and `from` are parts (0 to 1) of a capture
 * that must serve for both, because no other one of that plant is at hand.
 */
const PLANTS = [
  {
    name: 'sample plant (own fixture)',
    protocol: 'Modbus',
    learn: [{ file: join(PLANT, 'normal.pcap') }],
    protect: [{ file: join(PLANT, 'attack.pcap'), labels: 'timeline' }],
  },
  {
    name: 'sample plant, work only',
    protocol: 'Modbus',
    learn: [{ file: join(PLANT, 'normal.pcap'), until: 0.5 }],
    protect: [{ file: join(PLANT, 'normal.pcap'), from: 0.5 }],
  },
  {
    name: 'QUT 2017 S7comm, master port',
    protocol: 'S7comm',
    learn: [
      { file: 's7comm/qut-s7comm__20161215192146.ConveyorBeltOn_Flooding.hmi.pcap' },
      { file: 's7comm/qut-s7comm__20161215200749.ConveyorBeltOff_Flooding.hmi.pcap' },
      { file: 's7comm/qut-s7comm__20161215203826.WaterTankOff_Flooding.hmi.pcap' },
    ],
    protect: [{ file: 's7comm/qut-s7comm__attacks_master_part1.pcap', labels: 'tsv' }],
  },
  {
    name: PANEL,
    protocol: 'S7comm',
    learn: [{ file: 's7comm/qut-s7comm__20161215192146.ConveyorBeltOn_Flooding.hmi.pcap' }],
    protect: [
      { file: 's7comm/qut-s7comm__20161215200749.ConveyorBeltOff_Flooding.hmi.pcap' },
      { file: 's7comm/qut-s7comm__20161215203826.WaterTankOff_Flooding.hmi.pcap' },
    ],
  },
  {
    name: 'QUT 2017, attacker port at rest (LLDP, ARP, PTP)',
    protocol: 'none of the plant',
    learn: [{ file: 'lldp/qut-s7comm__control_set_attacker.pcap', until: 0.5 }],
    protect: [{ file: 'lldp/qut-s7comm__control_set_attacker.pcap', from: 0.5 }],
  },
  {
    name: 'QUT 2017 DNP3, network at rest (NTP, NBNS, PTP)',
    protocol: 'none of the plant',
    learn: [{ file: 'it-noise/qut-dnp3__control_training_frequent.no-goose.pcap', until: 0.5 }],
    protect: [{ file: 'it-noise/qut-dnp3__control_training_frequent.no-goose.pcap', from: 0.5 }],
  },
  {
    name: 'substation laboratory (trevritchie)',
    protocol: 'Modbus',
    learn: [{ file: 'modbus/trevritchie__normal_modbus_traffic.pcapng' }],
    // The label names it: the attacked operator panel is driven over SSH from this station.
    protect: [
      { file: 'modbus/trevritchie__phase3_modbus_attack.pcapng', labels: 'tsv', alsoAttacker: '192.168.10.20' },
    ],
  },
  {
    name: 'student laboratory (kb221svs)',
    protocol: 'Modbus',
    learn: [{ file: 'modbus/kb221svs__modbus.pcap', until: 0.1 }],
    protect: [{ file: 'modbus/kb221svs__modbus.pcap', from: 0.1, labels: 'tsv' }],
  },
  {
    name: 'CSET 2016, 12 s channel against the 9 s one',
    protocol: 'Modbus',
    learn: [{ file: 'modbus/antoine-lemay__channel_4d_9s.pcapng' }],
    protect: [{ file: 'modbus/antoine-lemay__channel_4d_12s.pcapng' }],
    note: 'Both carry a covert channel from their first packet to their last, so the channel itself is learned. What remains measures how still the models are on a Modbus plant of 80 messages a second.',
  },
  {
    name: 'WinCC and S7-400 in production (gymgit)',
    protocol: 'S7comm',
    learn: [{ file: 's7comm/gymgit__wincc_s400_production.pcap', until: 0.5 }],
    protect: [{ file: 's7comm/gymgit__wincc_s400_production.pcap', from: 0.5 }],
  },
];

function pathOf(file) {
  return file.startsWith('/') ? file : join(CAPTURES, file);
}

function tsvLabels() {
  const path = join(CAPTURES, 'labels.tsv');
  if (!existsSync(path)) return [];
  const [head, ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((row) => Object.fromEntries(head.map((name, column) => [name, row[column] ?? ''])));
}

const LABELS = tsvLabels();
const address = (text) => /\d+\.\d+\.\d+\.\d+/.exec(text)?.[0] ?? '';

function scenariosOf({ file, labels }) {
  if (labels === 'timeline') {
    return JSON.parse(readFileSync(join(PLANT, 'attack.timeline.json'), 'utf8')).map((step) => ({
      name: step.step,
      from: Date.parse(step.first_seen) * 1000,
      to: Date.parse(step.last_seen) * 1000,
      attacker: step.source,
    }));
  }
  if (labels !== 'tsv') return [];
  return LABELS.filter((label) => label.file === file && label.kind === 'attack').map((label) => ({
    name: label.attack_type,
    from: parseTimestamp(`${label.start_utc}Z`),
    to: parseTimestamp(`${label.end_utc}Z`),
    attacker: address(label.attacker),
    victim: address(label.victim),
  }));
}

/** Time of the first and the last packet. */
async function spanOf(path) {
  let first = Number.NaN;
  let last = Number.NaN;
  const packet = ({ timestamp }) => {
    if (Number.isNaN(first)) first = timestamp;
    last = timestamp;
  };
  await new FileSource(path).run({ packet, ready: async () => {} }, new AbortController().signal);
  return { first, last };
}

async function feed(sensor, { file, from, until }, before) {
  const path = pathOf(file);
  const { first, last } = await spanOf(path);
  const start = from === undefined ? Number.NEGATIVE_INFINITY : first + from * (last - first);
  const end = until === undefined ? Number.POSITIVE_INFINITY : first + until * (last - first);
  sensor.addCapture(path);
  const packet = (one) => {
    if (one.timestamp < start || one.timestamp >= end) return;
    before?.(one.timestamp);
    sensor.packet(one);
  };
  await new FileSource(path).run({ packet, ready: async () => {} }, new AbortController().signal);
  return { first: Math.max(first, start), last: Math.min(last, end) };
}

/** Captures of control traffic without a labelled attack that are long enough to be cut in two, and no collage of years. */
function crossPlants() {
  const index = join(CAPTURES, 'index.tsv');
  if (!existsSync(index)) return [];
  const attacked = new Set(LABELS.filter(({ kind }) => kind === 'attack').map(({ file }) => file));
  const plants = [];
  for (const line of readFileSync(index, 'utf8').trimEnd().split('\n').slice(1)) {
    const cells = line.split('\t');
    const [file, packets, seconds] = [cells[0], Number(cells[5]), Number(cells[6])];
    if (!CROSS_FOLDERS.has(file.split('/')[0]) || attacked.has(file) || !existsSync(pathOf(file))) continue;
    if (packets < 200 || seconds < 60 || seconds > 86_400) continue;
    plants.push({
      name: file,
      rounds: [0.25, 0.5, 0.75].map((part) => ({ learn: [{ file, until: part }], protect: [{ file, from: part }] })),
    });
  }
  const panels = PLANTS.find(({ name }) => name === PANEL);
  const files = [...panels.learn, ...panels.protect].map(({ file }) => file);
  plants.push({
    name: 'QUT operator panel: each of the three captures against the other two',
    rounds: files.map((file) => ({
      learn: [{ file }],
      protect: files.filter((other) => other !== file).map((other) => ({ file: other })),
    })),
  });
  return plants;
}

async function crossValidate(plant) {
  const rounds = [];
  for (const round of plant.rounds) rounds.push(await evaluate({ ...plant, ...round }));
  return { name: plant.name, rounds };
}

function crossTable(results) {
  const lines = [
    '| learned on a quarter, half and three quarters, watched on the rest | watched (h) | false findings | observations | by |',
    '|---|---|---|---|---|',
  ];
  let watched = 0;
  let wrong = 0;
  const plants = { watched: 0, wrong: 0 };
  for (const { name, rounds } of results) {
    const time = rounds.reduce((sum, round) => sum + round.watched, 0);
    const by = new Map();
    for (const { falseFindings } of rounds)
      for (const alert of falseFindings) by.set(detectorOf(alert), (by.get(detectorOf(alert)) ?? 0) + 1);
    watched += time;
    for (const { falseFindings } of rounds) wrong += falseFindings.length;
    if (!TEST_COLLECTION.test(name)) {
      plants.watched += time;
      for (const { falseFindings } of rounds) plants.wrong += falseFindings.length;
    }
    const each = (amount) => rounds.map(amount).join(' / ');
    lines.push(
      row(
        name,
        hours(time),
        each(({ falseFindings }) => falseFindings.length),
        each(({ observations }) => observations),
        [...by].map(([detector, times]) => (times > 1 ? `${detector} (${times})` : detector)).join(', '),
      ),
    );
  }
  const total = (title, time, findings) =>
    row(title, hours(time), `${findings} (${(findings / (time / HOUR)).toFixed(2)} an hour)`, '', '');
  lines.push(total('**all**', watched, wrong));
  lines.push(total('**all but the test messages of the parsers (icsnpp)**', plants.watched, plants.wrong));
  return lines.join('\n');
}

async function evaluate(plant) {
  const data = mkdtempSync(join(tmpdir(), 'fieldwatch-evaluate-'));
  try {
    const run = (phase, memory) => createSensor({ sensor: 'evaluation', mode: 'replay', phase, memory });
    const store = new SqliteFindingsStore(data, { role: 'sensor' });
    try {
      const learner = run('learn', null);
      let learned = 0;
      for (const input of plant.learn) {
        const { first, last } = await feed(learner, input);
        learned += last - first;
      }
      learner.finish();
      store.write(learner.collect());
      // Rules speak while learning, too: what they say there is told apart.
      const sensor = run('protect', { ...store.loadSensorMemory(), openAlerts: [] });
      const result = {
        plant,
        learned,
        watched: 0,
        quiet: 0,
        scenarios: [],
        falseFindings: [],
        observations: 0,
        known: new Set(),
      };
      for (const input of plant.protect) await protect(sensor, input, result);
      return result;
    } finally {
      store.close();
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function protect(sensor, input, result) {
  const scenarios = scenariosOf(input).sort((a, b) => a.from - b.from);
  const { known } = result;
  const counts = new Map();
  const alerts = new Map();
  const update = () => {
    const changed = [];
    for (const alert of sensor.collect().alerts) {
      alerts.set(alert.id, alert);
      if (alert.count > (counts.get(alert.id) ?? 0)) changed.push(alert);
      counts.set(alert.id, alert.count);
    }
    return changed;
  };
  const open = [];
  let next = 0;
  /** What happens between two boundaries belongs to every scenario that is open there. */
  const take = (at) => {
    const changed = update();
    for (const scenario of open) scenario.alerts.push(...changed);
    if (open.length === 0) {
      for (const alert of changed) {
        const isAttacker =
          input.alsoAttacker !== undefined && [alert.src_ip, alert.dest_ip].includes(input.alsoAttacker);
        if (!isAttacker && !known.has(alert.id)) noteFalse(result, alert);
      }
    }
    for (const alert of changed) known.add(alert.id);
    for (let place = open.length - 1; place >= 0; place--) if (open[place].until <= at) open.splice(place, 1);
    while (next < scenarios.length && scenarios[next].from <= at) {
      const scenario = { ...scenarios[next++], alerts: [] };
      scenario.until = Math.max(scenario.to, scenario.from) + GRACE;
      result.scenarios.push(scenario);
      open.push(scenario);
    }
  };
  const boundary = () => Math.min(scenarios[next]?.from ?? Number.POSITIVE_INFINITY, ...open.map((one) => one.until));
  let due = boundary();
  let previous = Number.NaN;
  const span = await feed(sensor, input, (at) => {
    if (at >= due) {
      take(at);
      due = boundary();
    }
    if (open.length === 0 && at > previous) result.quiet += at - previous;
    previous = at;
  });
  result.watched += span.last - span.first;
  take(Number.POSITIVE_INFINITY);
  for (const scenario of result.scenarios) settle(scenario);
}

/** Same rule, same two devices: one finding, however often it counts. */
function noteFalse(result, alert) {
  if (alert.kind === 'health') return;
  if (!COUNTED.has(alert.severity)) {
    result.observations++;
    return;
  }
  result.falseFindings.push(alert);
}

/** Detected: by an alert about the attacker or the victim. */
function settle(scenario) {
  const { attacker, victim } = scenario;
  const own = scenario.alerts.filter(
    ({ src_ip, dest_ip, severity }) =>
      COUNTED.has(severity) && ([src_ip, dest_ip].includes(attacker) || (victim && [src_ip, dest_ip].includes(victim))),
  );
  const times = own.map((alert) => Math.max(parseTimestamp(alert.first_seen), scenario.from));
  scenario.detectors = [...new Set(own.map(detectorOf))];
  scenario.seconds = own.length === 0 ? Number.NaN : Math.max(0, Math.min(...times) - scenario.from) / SECOND;
}

const detectorOf = ({ rule_id, title }) => (/^[0-9a-f-]{36}$/.test(rule_id) ? title : rule_id);
const hours = (micros) => (micros / HOUR).toFixed(2);
const cell = (text) => String(text).replaceAll('|', '\\|');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;

function tables(results) {
  const lines = [
    '| plant | protocol | learned (h) | watched (h) | attacks found | false findings | false findings per hour | observations |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const { plant, learned, watched, quiet, scenarios, falseFindings, observations } of results) {
    const found = scenarios.filter(({ detectors }) => detectors.length > 0).length;
    const rate = quiet > 0 ? (falseFindings.length / (quiet / HOUR)).toFixed(2) : '';
    lines.push(
      row(
        plant.name,
        plant.protocol,
        hours(learned),
        hours(watched),
        scenarios.length === 0 ? 'none in it' : `${found} of ${scenarios.length}`,
        falseFindings.length,
        rate,
        observations,
      ),
    );
  }
  const quiet = results.reduce((sum, result) => sum + result.quiet, 0);
  const falses = results.reduce((sum, result) => sum + result.falseFindings.length, 0);
  const all = results.flatMap(({ scenarios }) => scenarios);
  const found = all.filter(({ detectors }) => detectors.length > 0);
  lines.push(
    row(
      '**all**',
      '',
      hours(results.reduce((sum, one) => sum + one.learned, 0)),
      hours(results.reduce((sum, one) => sum + one.watched, 0)),
      `${found.length} of ${all.length}`,
      falses,
      (falses / (quiet / HOUR)).toFixed(2),
      results.reduce((sum, { observations }) => sum + observations, 0),
    ),
  );
  lines.push('', '| plant | attack | found after (s) | by |', '|---|---|---|---|');
  for (const { plant, scenarios } of results) {
    for (const { name, from, seconds, detectors } of scenarios) {
      const time = formatTimestamp(from).slice(11, 19);
      lines.push(
        row(
          plant.name,
          `${name} (${time})`,
          detectors.length > 0 ? seconds.toFixed(2) : '**missed**',
          detectors.join(', '),
        ),
      );
    }
  }
  const detectors = new Map();
  for (const { scenarios, falseFindings } of results) {
    for (const scenario of scenarios) {
      for (const name of scenario.detectors) {
        const entry = detectors.get(name) ?? [0, 0];
        entry[0]++;
        detectors.set(name, entry);
      }
    }
    for (const alert of falseFindings) {
      const name = detectorOf(alert);
      const entry = detectors.get(name) ?? [0, 0];
      entry[1]++;
      detectors.set(name, entry);
    }
  }
  lines.push('', '| detector | attacks it spoke in | false findings |', '|---|---|---|');
  for (const [name, [hits, wrong]] of [...detectors].sort((a, b) => b[1][0] - a[1][0]))
    lines.push(row(name, hits, wrong));
  const wrong = results.flatMap(({ plant, falseFindings }) => falseFindings.map((alert) => [plant.name, alert]));
  if (wrong.length > 0) {
    lines.push('', '| false finding in | detector | what it said |', '|---|---|---|');
    for (const [name, alert] of wrong) lines.push(row(name, alert.rule_id, alert.description.slice(0, 200)));
  }
  return lines.join('\n');
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const results = [];
for (const plant of PLANTS) {
  if (wanted.length > 0 && !wanted.some((word) => plant.name.includes(word))) continue;
  const missing = [...plant.learn, ...plant.protect]
    .map(({ file }) => file)
    .filter((file) => !existsSync(pathOf(file)));
  if (missing.length > 0) {
    process.stderr.write(`${plant.name}: left out, because ${missing[0]} is not there\n`);
    continue;
  }
  results.push(await evaluate(plant));
}
const cross = [];
if (wanted.length === 0) for (const plant of crossPlants()) cross.push(await crossValidate(plant));
const text = [tables(results), ...(cross.length > 0 ? [crossTable(cross)] : [])].join('\n\n');
process.stdout.write(`${text}\n`);
if (process.argv.includes('--write')) {
  const path = join(root, 'docs', 'evaluation.md');
  const before = readFileSync(path, 'utf8');
  const date = new Date().toISOString().slice(0, 10);
  const place = /<!-- evaluation -->[\s\S]*<!-- end -->/;
  if (!place.test(before)) throw new Error('docs/evaluation.md has no place for the tables');
  const measured = `<!-- evaluation -->\nMeasured ${date}.\n\n${text}\n\n<!-- end -->`;
  writeFileSync(
    path,
    before.replace(place, () => measured),
  );
}
