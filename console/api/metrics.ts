import { certificateMemo } from '../../sensor/export/delivery.js';
import { SEVERITIES } from '../../sensor/model/severity.js';
import type { Outbox } from '../../sensor/store/sqlite/outbox.js';
import type { FindingsReader } from '../../sensor/store/store.js';
import type { App, ConsoleContext } from './context.js';
import { openCounts, type SeverityCounts } from './muted.js';

type Labels = Record<string, string>;

/** Prometheus text exposition format, version 0.0.4. */
class Exposition {
  readonly #lines: string[] = [];

  family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly (readonly [Labels, number])[]): void {
    if (samples.length === 0) return;
    this.#lines.push(`# HELP fieldwatch_${name} ${help}`, `# TYPE fieldwatch_${name} ${type}`);
    for (const [labels, value] of samples) {
      const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
      this.#lines.push(`fieldwatch_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`);
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** `queue`: open alerts, apart from those that are muted; without it, all that the store has as open. */
export function metricsText(
  findings: FindingsReader,
  version: string,
  queue?: Readonly<Record<'open' | 'muted', SeverityCounts>>,
): string {
  const out = new Exposition();
  const counts = findings.counts();
  const sensors = findings.health();
  const interfaces = sensors.flatMap((health) =>
    health.interfaces.map((item) => [{ sensor: health.sensor, interface: item.name }, item] as const),
  );
  const each = (pick: (health: (typeof sensors)[number]) => number) =>
    sensors.map((health) => [{ sensor: health.sensor }, pick(health)] as const);
  const byKey = (label: string, pick: (health: (typeof sensors)[number]) => Record<string, number>) =>
    sensors.flatMap((health) =>
      Object.entries(pick(health)).map(([key, value]) => [{ sensor: health.sensor, [label]: key }, value] as const),
    );
  out.family('info', 'gauge', 'Version of this program.', [[{ version }, 1]]);
  out.family(
    'alerts',
    'gauge',
    'Alerts in the store; what a mute keeps out of the queue is not open but muted.',
    Object.entries({ ...counts.alerts, ...queue }).flatMap(([status, bySeverity]) =>
      SEVERITIES.map((severity) => [{ status, severity }, bySeverity[severity]] as const),
    ),
  );
  out.family('assets', 'gauge', 'Assets in the store.', [[{}, counts.assets]]);
  out.family('conversations', 'gauge', 'Conversations in the store.', [[{}, counts.conversations]]);
  out.family('store_bytes', 'gauge', 'Size of the store on disk.', [[{}, findings.info().bytes]]);
  out.family(
    'sensor_running',
    'gauge',
    'Whether the sensor runs.',
    each((health) => Number(health.running)),
  );
  out.family(
    'protecting',
    'gauge',
    '1: deviations raise alerts; 0: still learning.',
    each((health) => Number(health.phase === 'protect')),
  );
  out.family(
    'packets_total',
    'counter',
    'Packets analysed.',
    each((health) => health.packets),
  );
  out.family(
    'bytes_total',
    'counter',
    'Bytes analysed.',
    each((health) => health.bytes),
  );
  out.family(
    'malformed_total',
    'counter',
    'Malformed messages.',
    each((health) => health.malformed),
  );
  out.family(
    'decode_errors_total',
    'counter',
    'Packets that could not be decoded.',
    each((health) => health.decode_errors),
  );
  out.family(
    'flows_active',
    'gauge',
    'Connections being followed.',
    each((health) => health.flows_active),
  );
  out.family(
    'memory_bytes',
    'gauge',
    'Memory of the sensor.',
    each((health) => health.memory_bytes),
  );
  out.family(
    'encrypted_percent',
    'gauge',
    'Share of packets whose content is encrypted.',
    each((health) => health.encrypted_percent),
  );
  out.family(
    'pdus_total',
    'counter',
    'Messages by protocol.',
    byKey('protocol', (health) => health.pdus),
  );
  out.family(
    'anomalies_total',
    'counter',
    'Anomalies by code.',
    byKey('code', (health) => health.anomalies),
  );
  out.family(
    'dropped_total',
    'counter',
    'What a bound made the sensor let go.',
    byKey('reason', (health) => health.dropped),
  );
  out.family(
    'interface_packets_total',
    'counter',
    'Packets captured.',
    interfaces.map(([labels, item]) => [labels, item.packets] as const),
  );
  for (const [name, help, pick] of [
    ['interface_dropped_by_kernel_total', 'Packets lost before the sensor read them.', 'dropped_by_kernel'],
    ['interface_dropped_by_interface_total', 'Packets lost by the network card.', 'dropped_by_interface'],
  ] as const) {
    const known = interfaces.flatMap(([labels, item]) => {
      const value = item[pick];
      return value === null ? [] : [[labels, value] as const];
    });
    out.family(name, 'counter', help, known);
  }
  out.family(
    'interface_capturing',
    'gauge',
    'Whether the interface is being captured.',
    interfaces.map(([labels, item]) => [labels, Number(item.state === 'capturing')] as const),
  );
  return out.toString();
}

function exportMetrics(outbox: Outbox, now: number): string {
  const out = new Exposition();
  const states = outbox.exporters();
  const each = (pick: (state: (typeof states)[number]) => number) =>
    states.map((state) => [{ exporter: state.name }, pick(state)] as const);
  const isUp = ({ state, heldUntil }: (typeof states)[number]) => Number(state === 'connected' && heldUntil > now);
  out.family('export_connected', 'gauge', 'Whether the exporter has a working connection.', each(isUp));
  out.family(
    'export_messages_waiting',
    'gauge',
    'Messages that are not certainly delivered.',
    each((state) => outbox.waiting(state)),
  );
  out.family(
    'export_messages_sent_total',
    'counter',
    'Messages that are certainly delivered.',
    each(({ sent }) => sent),
  );
  out.family(
    'export_messages_lost_total',
    'counter',
    'Messages that were given up: queue full, too old, or refused.',
    each(({ lost }) => lost),
  );
  out.family(
    'export_failing_since_timestamp_seconds',
    'gauge',
    'Since when the exporter fails; 0: it does not.',
    each(({ errorSince }) => Math.min(errorSince, now) / 1000),
  );
  out.family(
    'export_oldest_waiting_timestamp_seconds',
    'gauge',
    'When the oldest message that waits was queued; 0: none waits.',
    each((state) => (outbox.oldestWaiting(state, now) ?? 0) / 1000),
  );
  out.family(
    'export_certificate_expires_timestamp_seconds',
    'gauge',
    "End of the receiver's certificate, as seen with the last connection.",
    states.flatMap(({ name }) => {
      const until = outbox.memo(certificateMemo(name));
      return until === null || until === '' ? [] : [[{ exporter: name }, Number(until) / 1000] as const];
    }),
  );
  out.family(
    'export_last_sent_timestamp_seconds',
    'gauge',
    'When the exporter last delivered a message.',
    each(({ lastSent }) => Math.min(lastSent, now) / 1000),
  );
  return states.length === 0 ? '' : out.toString();
}

export function addMetrics(app: App, context: ConsoleContext): void {
  app.get('/healthz', { schema: { description: 'Answers "ok" while the console and its store work.' } }, (_, reply) => {
    context.findings.revision();
    return reply.type('text/plain; charset=utf-8').send('ok\n');
  });
  app.get('/metrics', { schema: { description: 'Prometheus text format.' } }, (_, reply) =>
    reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(
        metricsText(context.findings, context.version, openCounts(context)) +
          exportMetrics(context.findings.outbox, context.now()),
      ),
  );
}
